include = ["../include_circle.hcl"]
