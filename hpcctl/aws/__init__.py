"""AWS by boto3: what it offers, what is there. Reading only; Terraform makes and removes."""
