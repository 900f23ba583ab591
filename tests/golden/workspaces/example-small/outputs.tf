output "inventory" {
  description = "The hosts and the volume behind /share."
  value       = module.nodes.inventory
}
