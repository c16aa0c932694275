// HbcatCLI
