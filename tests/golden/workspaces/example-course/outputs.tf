output "inventory" {
  description = "The hosts, and the volumes of the head by name."
  value       = module.nodes.inventory
}
