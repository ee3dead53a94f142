"""What the appliance is made of beside the program: boot settings, board files, accounts, folders, examples."""
