"""The lab's containers: started as processes from the declared task definitions."""
