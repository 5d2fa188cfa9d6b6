"""The command line: ``python -m bot``. What it prints is for an administrator, in Russian."""

import argparse
import asyncio
import gc
import json
import os
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from bot.children import ChildFailed, run_child
from bot.settings import Settings, WrongSettings, load_settings
from bot.stopped import EX_CONFIG, Stopped
from plans.deadline_json import deadline_to_json, read_jsonl_line
from plans.deadlines import read_deadlines
from plans.plan_json import plan_from_json, plan_to_json


def parser() -> argparse.ArgumentParser:
    """Describe the commands."""
    made = argparse.ArgumentParser(prog="python -m bot", description="Бот «Дорожная карта»")
    commands = made.add_subparsers(dest="command", metavar="команда")
    commands.add_parser("run", help="запустить бота (без BOT_TOKEN — демонстрацию)")
    commands.add_parser("demo", help="запустить демонстрацию с тремя телефонами на странице")
    plan = commands.add_parser("plan", help="прочитать приказ или сроки").add_subparsers(
        dest="plan_command", required=True, metavar="что"
    )
    read = plan.add_parser("read", help="прочитать приказ и показать план")
    read.add_argument("file", type=Path, metavar="ФАЙЛ")
    read.add_argument("--json", action="store_true", help="весь план в JSON")
    deadlines = plan.add_parser("deadlines", help="прочитать сроки из файла JSONL")
    deadlines.add_argument("file", type=Path, metavar="ФАЙЛ")
    invite = commands.add_parser("invite", help="дать одноразовую ссылку-приглашение")
    who = invite.add_mutually_exclusive_group(required=True)
    who.add_argument("--admin", action="store_true", help="администратору")
    who.add_argument("--coordinator", action="store_true", help="координатору")
    who.add_argument("--staff", action="store_true", help="сотруднику муниципалитета")
    invite.add_argument("--municipality", default="Муниципалитет", help="название муниципалитета")
    invite.add_argument("--office", default="Отдел образования", help="название отдела образования")
    invite.add_argument("--zone", default="Europe/Moscow", help="часовой пояс, например Asia/Yekaterinburg")
    check = commands.add_parser("check", help="проверить настройки, базу, связь с Telegram и календарь")
    check.add_argument(
        "--accept-loss", action="store_true", help="продолжить без последних записей, если файл -wal утрачен"
    )
    copied = commands.add_parser("backup", help="скопировать базу и файлы, можно рядом с работающим ботом")
    copied.add_argument("folder", type=Path, metavar="ПАПКА")
    copied.add_argument("--keep", type=int, metavar="N", help="оставить N последних копий")
    put_back = commands.add_parser("restore", help="восстановить базу и файлы из копии")
    put_back.add_argument("source", type=Path, metavar="КОПИЯ")
    put_back.add_argument("--replace", action="store_true", help="и вместо целой базы: она будет отложена")
    commands.add_parser("migrate", help="привести базу данных к этой версии программы")
    return made


def main(argv: Sequence[str] | None = None) -> int:
    """Run a command; give the exit code (0 done, 1 not, 75 a second copy, 78 wrong settings)."""
    arguments = parser().parse_args(argv)
    command = arguments.command or "run"
    if command == "plan":
        return _piped(plan_command, arguments)
    try:
        settings = load_settings()
    except WrongSettings as wrong:
        return complain(str(wrong), EX_CONFIG)
    try:
        return COMMANDS[command](settings, arguments)
    except Stopped as stopped:
        return complain(stopped.words, stopped.code)
    except KeyboardInterrupt:
        return 0


def _piped(command: Callable[[argparse.Namespace], int], arguments: argparse.Namespace) -> int:
    """Run a command whose reader may have seen enough (``| head``)."""
    try:
        return command(arguments)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # nothing is left to flush to
        return 0


def complain(words: str, code: int) -> int:
    """Say on stderr what is wrong, and give the exit code."""
    print(words, file=sys.stderr)  # noqa: T201 - the console is where an administrator looks
    return code


def say(words: str) -> None:
    """Say on stdout."""
    print(words, flush=True)  # noqa: T201 - the same


def _run(settings: Settings, _arguments: argparse.Namespace) -> int:
    if settings.bot_token is None:
        return _demo(settings, _arguments)
    with uncollected():
        from bot import service  # aiogram takes seconds to import, and reading a plan needs none of it

    asyncio.run(service.run(settings))
    return 0


@contextmanager
def uncollected() -> Iterator[None]:
    """Import without the garbage collector, which would walk aiogram's models again and again."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
        gc.freeze()


def _demo(settings: Settings, _arguments: argparse.Namespace) -> int:
    with uncollected():
        from bot.demo import demo

    asyncio.run(demo(settings, say))
    return 0


def _invite(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot import service

    role = "admin" if arguments.admin else ("coordinator" if arguments.coordinator else "staff")
    say(
        asyncio.run(
            service.invite(
                settings,
                role,
                municipality=arguments.municipality,
                office=arguments.office,
                zone=arguments.zone,
            )
        )
    )
    return 0


def _check(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot import service
    from bot.data import only_copy
    from bot.sound import hand_back

    if arguments.accept_loss:
        with only_copy(settings):
            hand_back(settings)
    findings = asyncio.run(service.check(settings))
    for finding in findings:
        say(f"{'✓' if finding.good else '✗'} {finding.words}")
    return 0 if all(finding.good for finding in findings) else 1


def _migrate(settings: Settings, _arguments: argparse.Namespace) -> int:
    from bot.data import migrate_database
    from bot.sound import visit

    visit(settings)
    asyncio.run(migrate_database(settings))
    say("База данных приведена к этой версии программы.")
    return 0


def _backup(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.backup import backup
    from bot.clock import SystemClock

    made = backup(settings, arguments.folder, now=SystemClock().now(), keep=arguments.keep)
    say(made.words(arguments.folder))
    return 0


def _restore(settings: Settings, arguments: argparse.Namespace) -> int:
    from bot.clock import SystemClock
    from bot.restore import restore

    say(restore(settings, arguments.source, now=SystemClock().now(), replace=arguments.replace).words())
    return 0


COMMANDS: dict[str, Callable[[Settings, argparse.Namespace], int]] = {
    "run": _run,
    "demo": _demo,
    "invite": _invite,
    "check": _check,
    "migrate": _migrate,
    "backup": _backup,
    "restore": _restore,
}


def plan_command(arguments: argparse.Namespace) -> int:
    """Read an order or a list of deadlines; needs no settings."""
    try:
        data = arguments.file.read_bytes()
    except OSError as error:
        return complain(f"Не удалось открыть файл {arguments.file}: {error.strerror}.", 1)
    if arguments.plan_command == "deadlines":
        return _deadlines(data)
    return _read(data, arguments.file.name, as_json=arguments.json)


def _read(data: bytes, name: str, *, as_json: bool) -> int:
    """Read a file as the bot does, in a limited child process."""
    try:
        answer = json.loads(asyncio.run(run_child("plans.child", [name], data)))
    except ChildFailed as failed:
        answer = {"error": {"kind": failed.reason}}
    if "error" in answer:
        from views.works import why

        return complain(f"{name}: {why(answer['error']['kind'])}", 1)
    plan = plan_from_json(answer["plan"])
    if as_json:
        say(json.dumps(plan_to_json(plan), ensure_ascii=False, indent=1))
        return 0
    from views.deadlines import understood

    say(f"{plan.document.title}\nПунктов: {len(plan.rows)}, замечаний: {len(plan.remarks)}")
    for row in plan.rows:
        dates = understood([deadline_to_json(deadline) for deadline in row.deadlines])
        say(f"{row.number or '—'} {row.title[:70]} | {row.deadline_text} → {dates}")
    return 0


def _deadlines(data: bytes) -> int:
    for number, line in enumerate(data.decode("utf-8").splitlines(), start=1):
        if not line.strip():
            continue
        try:
            entry = json.loads(line)
            found = read_deadlines(entry["text"], read_jsonl_line(entry))
        except (ValueError, KeyError, TypeError):
            return complain(f"Строка {number}: ждали JSON с полями text и context.", 1)
        printed = {"text": entry["text"], "deadline": [deadline_to_json(one) for one in found]}
        say(json.dumps(printed, ensure_ascii=False))
    return 0
