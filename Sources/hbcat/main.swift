import HbcatCLI
