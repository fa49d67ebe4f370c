"""Các trang trên điện thoại: server-rendered pages, one small module each. ``docs/web.md`` says how to add one."""

from collections.abc import Sequence

from fastapi import APIRouter

from gateway.web.pages import (
    alarms,
    approvals,
    audit,
    banners,
    board,
    delegation,
    entrance,
    factor,
    home,
    language,
    listen,
    me,
    more,
    pwa,
    reports,
    silence,
    static,
)

ROUTERS: Sequence[APIRouter] = (
    static.router,
    pwa.router,
    entrance.router,
    language.router,
    home.router,
    silence.router,
    alarms.router,
    banners.router,
    delegation.router,
    approvals.router,
    board.router,
    more.router,
    me.router,
    factor.router,
    audit.router,
    reports.router,
    listen.router,
)
