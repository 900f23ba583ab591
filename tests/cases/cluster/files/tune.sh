#!/bin/bash
sysctl -w vm.swappiness=1
