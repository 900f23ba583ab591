#!/bin/bash
# An MPI job for Grid Engine: every rank tells where it runs. Submit it with: qsub -pe orte 4 mpi.sh
#$ -N hello
#$ -cwd
#$ -j y
#$ -o hello.out
mpicc -o hello hello.c
mpirun -np "$NSLOTS" ./hello
