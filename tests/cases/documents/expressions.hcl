cluster {
  region    = upper("x")
  zone      = true ? "a" : "b"
  min_nodes = 1 + 2
  ssh_from  = [for x in ["a"] : x]
  user      = "%{ if true }hpc%{ endif }"
  key       = "a\qb"
  spot      = !true
  lifetime  = -"1h"
  tags      = { project = local.name }
  image     = var.images[0]
}
