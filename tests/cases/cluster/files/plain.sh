echo not a script
