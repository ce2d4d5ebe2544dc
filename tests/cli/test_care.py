"""Keys, summaries and what they need: init, key list, acknowledge, summary."""

import json
from pathlib import Path

import pytest

from ledger.domain.authority import Role
from ledger.domain.keyring import possession_text
from ledger.keys.files import create_key, load_signer
from ledger.register.opening import Places, open_register
from ledger.register.writing import acknowledge, append
from ledger.tlog.canonical import Json
from ledger.tlog.note import SIG_ED25519, to_base64
from tests.cli.conversing import insert
from tests.cli.desk import INIT, REMARK, ROUNDS, SECRET, Desk, answer


def test_a_state_key_elsewhere_is_used_and_not_warned_about(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.write_passphrase()
    made = desk.done(*INIT, "--recovery", "recovery.pem")
    insert(desk, "not an entry")
    keys = answer(desk, "key", "list")["keys"]
    desk.columns = 100
    drawn = desk.done("key", "list")
    acknowledge = ("acknowledge", "1", "--reason", "seen")
    locked = desk.run(*acknowledge)
    done = desk.run(*acknowledge, "--state-key", "recovery.pem")

    assert "warning" not in made.err
    assert [key["here"] for key in keys] == [False, True, True, True]
    assert drawn.out.count(" no ") == 1
    assert (locked.code, done.code) == (22, 0)
    assert "warning" not in desk.done("verify").err


def test_init_to_a_program_answers_with_one_object(tmp_path: Path) -> None:
    desk = Desk(tmp_path)
    desk.columns = 100
    answers = iter([SECRET, SECRET])
    outcome = desk.run(
        *INIT,
        "--json",
        hidden=lambda _: next(answers),
        environ={"TRANSFER_LEDGER_PASSPHRASE_FILE": ""},
    )
    document = json.loads(outcome.out)

    assert outcome.code == 0, outcome.err
    assert [key["role"] for key in document["keys"]] == [
        *("state", "log", "witness", "clerk"),
    ]


def test_a_log_key_with_another_passphrase_leaves_later_entries_out(
    received: Desk,
) -> None:
    received.done("checkpoint", "--out", "us.ckpt")
    received.done(*REMARK)
    (received.keys / "us.example" / "book.pem").unlink()
    outcome = received.done("summary", "--out", "summary")

    assert "the log key is not at hand" in outcome.err
    made = json.loads((received.folder / "summary" / "summary.json").read_text())
    assert made["books"][0]["entries_beyond_checkpoint"] == 1
    assert received.run("checkpoint").code == 22


def test_a_summary_goes_where_it_can_be_written(received: Desk) -> None:
    (received.folder / "folder").mkdir()
    (received.folder / "taken").mkdir()
    (received.folder / "taken" / "summary.en.txt.sig").touch()
    outs = ("folder", "new/deep", "taken", "/proc/nowhere")
    codes = [received.run("summary", "--out", out).code for out in outs]

    assert codes == [0, 0, 3, 24]


def places(desk: Desk) -> Places:
    return Places(desk.database, desk.keys, desk.folder / "state" / "transfer-ledger")


def enter_key(desk: Desk, action: str, *, name: str, role: Role) -> None:
    """Let the state add or take away a key; there is no verb for it yet."""
    secret = SECRET.encode()
    with open_register(places(desk), write=True) as register:
        state = register.choose_key("state", named=None)
        signer = register.unlock(state, role="state", passphrase=secret)
        request: dict[str, Json] = {"action": action, "role": role}
        if action == "add":
            key = create_key(
                desk.keys,
                name=name,
                algorithm=SIG_ED25519,
                passphrase=secret,
                rounds=ROUNDS,
            )
            own = load_signer(desk.keys, key=key, passphrase=secret)
            text = possession_text(
                book="us.example/book", state="US", role=role, vkey=key.format()
            )
            request["proof"] = to_base64(own.sign(text))
        else:
            (key,) = [s.key for s in register.signers(role) if s.key.name == name]
            request["reason"] = "lost"
        request["vkey"] = key.format()
        recorded = append(
            register, kind="key", request=request, signer=signer, now=desk.now
        )
        acknowledge(register, recorded)


def test_an_auditor_signs_summaries_once_there_is_one(received: Desk) -> None:
    enter_key(received, "add", name="us.example/auditor-1", role="auditor")
    document = answer(received, "summary", "--out", "summary")

    assert document["signed_by"] == "us.example/auditor-1"


def test_keys_that_left_are_listed_with_what_became_of_them(received: Desk) -> None:
    for number, action in ((8, "retire"), (9, "revoke")):
        name = f"us.example/clerk-{number:02}"
        enter_key(received, "add", name=name, role="clerk")
        assert received.run(*REMARK).code == 22
        received.done(*REMARK, "--as", f"clerk-{number:02}")
        enter_key(received, action, name=name, role="clerk")
    keys = {key["name"]: key for key in answer(received, "key", "list")["keys"]}

    assert keys["us.example/clerk-08"]["state"] == "retired"
    assert keys["us.example/clerk-09"]["state"] == "revoked"
    assert keys["us.example/clerk-09"]["until"] > keys["us.example/clerk-08"]["until"]


@pytest.mark.parametrize("path", ["usb", "usb/state.pem"])
def test_a_medium_that_is_not_there_is_answered_with_what_to_type(
    bare: Desk, path: str
) -> None:
    """It is not made: an unmounted medium would turn into a folder, or into a file."""
    refused = bare.run(*INIT, "--recovery", path)
    bare_before = {file.name for file in bare.folder.iterdir()}
    (bare.folder / "usb").mkdir(mode=0o700)
    made = bare.done(*INIT, "--recovery", path)

    assert refused.code == 3
    assert refused.err.endswith(": mkdir -p usb\n")
    assert "usb" not in bare_before
    there = "usb/us.example/state.pem" if path == "usb" else path
    assert f"the state key is in {there}:" in made.err
    assert (bare.folder / there).is_file()


def test_init_says_where_the_state_key_is(bare: Desk) -> None:
    assert answer(bare, *INIT)["state_key"] == str(bare.keys / "us.example/state.pem")
