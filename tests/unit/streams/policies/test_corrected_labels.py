"""What becomes of labels that a reviewer takes away, brings back and adds."""

from streams.labelling import Label
from streams.policies.corrected_labels import corrected_labels

READ = Label("industry", "I65", 3, 7, "软件企业", "body:软件企业", 0.7, "rule")
STATED = Label("theme", "T07", 0, 0, "", "publisher", 1.0, "publisher")
ADDED = Label("size", "micro", 0, 0, "", "reviewer", 1.0, "reviewer")


def test_what_is_taken_away_stays_as_it_had_been_given() -> None:
    labels, gone = corrected_labels([READ, STATED], [], add=[], remove=["industry:I65", "industry:I64"])
    assert (labels, gone) == ([STATED], [READ])
    again = corrected_labels(labels, gone, add=[], remove=["theme:T07", "industry:I65"])
    assert again == ([], [READ, STATED])


def test_what_is_brought_back_has_its_words_again_and_is_the_reviewers() -> None:
    labels, gone = corrected_labels([], [READ], add=["industry:I65", "industry:I65"], remove=[])
    back = Label("industry", "I65", 3, 7, "软件企业", "body:软件企业", 1.0, "reviewer")
    assert (labels, gone) == ([back], [])
    assert corrected_labels(labels, gone, add=[], remove=["industry:I65"]) == ([], [back])


def test_what_a_reviewer_had_added_leaves_no_trace() -> None:
    labels, gone = corrected_labels([READ], [], add=["size:micro"], remove=[])
    assert (labels, gone) == ([READ, ADDED], [])
    assert corrected_labels(labels, gone, add=[], remove=["size:micro"]) == ([READ], [])


def test_what_is_there_already_keeps_its_words_where_a_reviewer_adds_it() -> None:
    (label,), gone = corrected_labels([READ], [], add=["industry:I65"], remove=["industry:I65"])
    assert (label.quote, label.origin, gone) == ("软件企业", "reviewer", [])
