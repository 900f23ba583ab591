"""Files of HCL as trees whose every piece knows where it was written."""
