"""Results by the label of the sample."""

from datetime import UTC, datetime, timedelta

from kiosk.domain.sample_results import ResultOutcome, SampleResult, SampleResults

NOW = datetime(2026, 7, 5, 9, tzinfo=UTC)


def test_of_two_results_of_a_sample_the_later_one_counts_however_they_are_ordered():
    early = SampleResult("TUBE-0001", ResultOutcome.UNCLEAR, NOW)
    late = SampleResult("TUBE-0001", ResultOutcome.NEGATIVE, NOW + timedelta(hours=5))
    other = SampleResult("TUBE-0002", ResultOutcome.POSITIVE, NOW)
    for order in ([early, late, other], [late, other, early]):
        found = SampleResults.of(order)
        assert len(found) == 2
        assert found.results["TUBE-0001"] is late
