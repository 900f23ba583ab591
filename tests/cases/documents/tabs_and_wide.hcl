cluster {
	region = "計算"	+ 1
}
