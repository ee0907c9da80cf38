"""Reports: one file each. A report is a pure function of a snapshot, found by its file name."""
