"""The `tessera` command. Mistakes get one plain line on stderr and exit code 2, never a traceback.

serving   serve, worker, migrate, demo        clocks    clock show, set, advance, real
shops     shop create, list, key, secret      work      drain, tick, reconcile, audit, doctor
members   member erase
programme programme publish                   replaying replay
importing import
backtesting backtest
"""

from __future__ import annotations

import sys

import click
from sqlalchemy.exc import InterfaceError, OperationalError, SQLAlchemyError

from app.cli import backtesting, clocks, importing, members, programme, replaying, serving, shops, work
from app.config import ConfigError
from app.errors import TesseraError
from app.vault import CannotOpen


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
def cli() -> None:
    """Tessera: a loyalty programme for online shops."""


for command in (
    serving.serve,
    serving.worker,
    serving.migrate,
    serving.demo,
    shops.shop,
    members.member,
    programme.programme,
    clocks.clock,
    work.tick,
    work.drain,
    work.reconcile,
    work.audit,
    backtesting.backtest,
    work.doctor,
    replaying.replay,
    importing.import_,
):
    cli.add_command(command)


def main() -> None:
    """Run the command; every foreseen error is one line."""
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as leave:
        sys.exit(leave.exit_code)
    except click.Abort:
        sys.exit(130)
    except click.ClickException as error:
        error.show()
        sys.exit(2)
    except (ConfigError, TesseraError, CannotOpen, OSError) as error:
        _fail(str(error), 2)
    except UnicodeError as error:
        _fail(f"that is not text in UTF-8: {error}", 2)
    except SQLAlchemyError as error:
        away = isinstance(error, OperationalError | InterfaceError)
        _fail(f"the database {'does not answer' if away else 'refuses'}: {str(error).splitlines()[0]}", 1)


def _fail(message: str, code: int) -> None:
    click.echo(f"tessera: {message}", err=True)
    sys.exit(code)
