"""What may be recorded, and what follows from it.

The room knows the words of the register and nothing of how they are kept: no file,
no clock, no key, no database. Days, zones and rows are handed in; values come out.

From the ground up:

values
    The smallest things a clerk writes: a day, a time with its precision, a length,
    a count of persons, an amount, a state, a text, a reference. Each has one reader
    for what people type and one spelling that is signed. What can be read in two
    ways is refused with both readings.
records
    The kinds of entry: which members each has, and which of them are required.
history
    The records of one transfer in the order of the book, with corrections applied
    and with the corrected values kept, so that any earlier day can be asked about.
custody, terms, compensation
    What follows from a history: who is held where and since when, until which day
    that is authorised, and what is owed. Ranges stay ranges; nothing is guessed.
rules
    What is impossible in the record and therefore refused. What was wrong in the
    world is recorded and flagged.
summary
    The answers put together for a reader, with what proves them.
"""
