"""Accounts and sessions of the ward."""

from dataclasses import dataclass

from devices.clock import Clock
from gateway.services.account_book import AccountBook
from gateway.services.accounts import Accounts
from gateway.services.alarm_desk import AlarmDesk
from gateway.services.delegations import Delegations
from gateway.services.passwords import Passwords
from gateway.services.second_factor import SecondFactor
from gateway.services.sessions import Sessions
from gateway.store.opening import Store


@dataclass(frozen=True, kw_only=True)
class People:
    """Who may sign in, and who has."""

    accounts: Accounts
    sessions: Sessions
    second_factor: SecondFactor
    delegations: Delegations


def build_people(
    store: Store,
    clock: Clock,
    *,
    passwords: Passwords,
    require_second_factor: bool = False,
    alarms: AlarmDesk | None = None,
) -> People:
    """Build them over one book, so that two changes of one row never meet."""
    book = AccountBook(store=store.accounts, passwords=passwords, clock=clock)
    delegations = Delegations(accounts=store.accounts, values=store.values, clock=clock)
    return People(
        accounts=Accounts(store=store.accounts, book=book, passwords=passwords, clock=clock, alarms=alarms),
        sessions=Sessions(
            store=store.accounts,
            book=book,
            audit=store.audit,
            values=store.values,
            passwords=passwords,
            clock=clock,
            delegations=delegations,
        ),
        delegations=delegations,
        second_factor=SecondFactor(
            store=store.accounts,
            book=book,
            audit=store.audit,
            vault=store.vault,
            passwords=passwords,
            clock=clock,
            required=require_second_factor,
            alarms=alarms,
        ),
    )
