"""MQTT 5 where the broker can, 3.1.1 where it cannot; learnt, and never held against a broker that only died."""

from devices.link.dialect import Dialect, Protocol


def test_mqtt_5_is_tried_first() -> None:
    assert Dialect().protocol is Protocol.V5


def test_a_broker_that_refuses_mqtt_5_is_remembered() -> None:
    dialect = Dialect()
    dialect.refused()
    dialect.understood()
    dialect.ended()
    assert dialect.protocol is Protocol.V311


def test_one_hang_up_is_a_broker_dying_and_changes_nothing() -> None:
    dialect = Dialect()
    dialect.hung_up()
    assert dialect.protocol is Protocol.V5
    dialect.understood()
    dialect.hung_up()
    assert dialect.protocol is Protocol.V5


def test_two_hang_ups_in_a_row_are_a_broker_that_cannot_read_us() -> None:
    dialect = Dialect()
    dialect.hung_up()
    dialect.hung_up()
    assert dialect.protocol is Protocol.V311


def test_a_guess_is_checked_again_after_the_connection_and_costs_one_attempt() -> None:
    dialect = Dialect()
    dialect.hung_up()
    dialect.hung_up()
    dialect.understood()
    dialect.ended()
    assert dialect.protocol is Protocol.V5
    dialect.hung_up()
    assert dialect.protocol is Protocol.V311


def test_a_broker_replaced_by_one_that_speaks_only_the_other_version_is_found_again() -> None:
    dialect = Dialect(Protocol.V311)
    dialect.refused()
    assert dialect.protocol is Protocol.V5
