from mqtt_bridge.central.provisioning.rate import RateLimit


def test_so_many_at_once_and_then_one_in_so_many_seconds():
    rate = RateLimit(burst=3, every_s=2.0)
    assert [rate.take("a", 100.0) for _ in range(5)] == [True, True, True, False, False]
    assert [rate.take("a", at) for at in (101.9, 102.0, 102.1, 104.0)] == [False, True, False, True]


def test_asking_in_vain_does_not_lengthen_the_wait():
    rate = RateLimit(burst=1, every_s=10.0)
    assert [rate.take("a", at) for at in (0.0, 1.0, 9.0, 10.0)] == [True, False, False, True]


def test_each_address_is_counted_for_itself():
    rate = RateLimit(burst=1, every_s=10.0)
    assert [rate.take(address, 0.0) for address in "abab"] == [True, True, False, False]


def test_a_clock_that_was_set_back_shuts_nobody_out_for_long():
    rate = RateLimit(burst=2, every_s=5.0)
    assert rate.take("a", 1e9)
    assert [rate.take("a", at) for at in (0.0, 5.0)] == [False, True]


def test_memory_is_bounded_and_a_crowd_locks_nobody_out():
    rate = RateLimit(burst=1, every_s=10.0, most=3)
    assert all(rate.take(str(number), 0.0) for number in range(1000))
    assert len(rate._busy_until) == 3
    assert rate.take("new", 0.0)
    assert not rate.take("999", 0.0)
