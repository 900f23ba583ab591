# Seats for a course. hpcctl create lab --file course.hcl --count 12 makes lab-01 … lab-12; `extends` keeps what both need.
cluster "course" {
  lifetime = "4h"
  tags     = { course = "mpi-2026" }

  head {
    type = "t3.large"
  }

  storage {
    share {
      size = 10
    }
  }
}

cluster "teacher" {
  extends = "course"

  head {
    type = "c5.xlarge"
  }
}

cluster "default" {
  extends = "course"

  compute "node" {
    count = 1
    type  = "t3.large"
  }
}
