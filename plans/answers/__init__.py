"""What a person types as an answer, read: figures, short words, a wanted date.

Pure, and never sure of itself: None wherever two readings are possible, for then a person is asked.
What is read is only offered, nothing is done without a tap.
"""
