// Answers nothing yet: closes at once.
print(0)
