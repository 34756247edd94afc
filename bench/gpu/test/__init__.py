"""What can be tested without a GPU. Here: `python3 -m unittest discover -s test -t .`"""
