"""What an operator and an inspector run: is it installed as released, does it run as it must, does a backup come back."""
