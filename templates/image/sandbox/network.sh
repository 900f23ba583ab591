#!/bin/bash
# Puts up both cards of a machine that boots: the private one gets what the metadata service says.
set -eu
. /usr/lib/hpcctl/lib.sh
find_cards
raise_outer
get_token
raise_private
