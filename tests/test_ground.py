"""The ground the other tests stand on: each server is real and answers."""

from pathlib import Path

import redis
import sqlalchemy as sa

from tests.browser.browser import screenshot
from tests.servers import Chromium, Postgres


def test_a_fresh_database_answers_and_is_empty(database_url: str) -> None:
    engine = sa.create_engine(database_url)
    with engine.begin() as connection:
        assert connection.scalar(sa.text("SELECT 1")) == 1
        assert sa.inspect(connection).get_table_names() == []
        connection.execute(sa.text("CREATE TABLE mark (n integer)"))
    engine.dispose()


def test_a_database_can_be_copied_from_a_prepared_one(postgres: Postgres) -> None:
    with postgres.database() as prepared:
        engine = sa.create_engine(prepared, poolclass=sa.NullPool)
        with engine.begin() as connection:
            connection.execute(sa.text("CREATE TABLE mark (n integer)"))
        with postgres.database(template=engine.url.database or "") as copy:
            engine = sa.create_engine(copy, poolclass=sa.NullPool)
            with engine.connect() as connection:
                assert sa.inspect(connection).get_table_names() == ["mark"]


def test_valkey_answers(valkey_url: str) -> None:
    with redis.Redis.from_url(valkey_url) as client:
        assert client.ping()


def test_chromium_draws_a_page(chromium: Chromium, tmp_path: Path) -> None:
    page = "data:text/html,<title>Tessera</title><h1>12 points</h1><script>console.log('drawn')</script>"
    picture = tmp_path / "page.png"
    assert screenshot(page, picture, chromium) == {"title": "Tessera", "messages": ["drawn"]}
    assert picture.read_bytes().startswith(b"\x89PNG")
    assert picture.stat().st_size > 2000
