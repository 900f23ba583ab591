#!/bin/sh
echo "as $(id -un)" >>/etc/first-boot
