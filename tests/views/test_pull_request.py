"""The pull request, as a stranger reads it who is asked to merge it."""

import html
import re
import subprocess

import pytest

from bot import views
from bot.domain.plan import OpenPullRequest
from bot.domain.request import Approval
from tests.views import samples
from tests.views.samples import ANN, catalog, record, spec, workload

NAMES = {"U0ROSA": "Rosa Okafor", "U0ANN": "Ann Lindqvist"}


def made(request=None, names=NAMES):
    """Title, body and commit message of the request, its identity made and approved by Ann."""
    request = request or record()
    approvals = (Approval(person=ANN, digest=request.plan.digest, at="1.0"),)
    request = request.model_copy(update={"approvals": approvals, "progress": samples.done("identity")})
    (step,) = (s for s in request.plan.before if isinstance(s, OpenPullRequest))
    return (
        views.pull_request_title(request, step),
        views.pull_request_body(request, step, names),
        views.commit_message(request, step, names),
    )


def test_the_title_says_what_the_pull_request_does():
    assert made()[0] == "Give payments/payments-api on prod-weu its Azure identity"


@pytest.mark.parametrize(
    "words",
    [
        "it charges cards",
        "**Asked by** Rosa Okafor, team payments",
        "**Approved by** Ann Lindqvist",
        "`id-payments-api-prod`",
        f"client id `{samples.CLIENT_ID}`",
        "`system:serviceaccount:payments:payments-api`",
        f"`{samples.ISSUER}`",
        "| Key Vault Secrets User | read every secret of key vault kv\\-payments |",
        f"`{samples.vault().id}`",
        "`apps/payments-api/overlays/prod-weu/sa.yaml`: annotates the ServiceAccount",
        "its pods are replaced as soon as the merge is synced",
        "`payments-api-prod-weu`",
        "Revert this pull request first, then:",
    ],
)
def test_the_body_says_what_why_who_and_how_to_undo_it(words):
    assert words in made()[1]


def test_the_body_carries_the_plans_digest_and_is_found_again_by_a_hidden_mark():
    request = record()
    body = made(request)[1]
    assert f"`{request.plan.digest}`" in body
    assert body.endswith(f"<!-- identity-bot request={request.id} digest={request.plan.digest} -->\n")


def test_grants_that_wait_for_the_merge_are_named():
    later = record(of=catalog(grants="after-merge"))
    assert "### After the merge\n\n- the bot makes: Key Vault Secrets User" in made(later)[1]


def test_undoing_removes_the_assignments_before_the_credential_before_the_identity():
    script = made()[1].split("```shell\n")[1].split("\n```")[0].splitlines()
    assert [" ".join(command.split()[1:4]) for command in script] == [
        "role assignment delete", "identity federated-credential delete", "identity delete --name",
    ]  # fmt: skip
    assert samples.PRINCIPAL_ID in script[0] and samples.vault().id in script[0]


def test_what_was_there_before_is_not_removed():
    there = samples.observed().model_copy(update={"identity": samples.identity_seen()})
    assert "az identity delete" not in made(record(seen=there))[1]


def test_the_commit_message_ends_with_trailers_that_git_reads():
    request = record()
    message = made(request)[2]
    read = subprocess.run(
        ["git", "interpret-trailers", "--parse"], input=message, capture_output=True, text=True, check=True
    )
    assert read.stdout.splitlines() == [
        "Requested-by: Rosa Okafor",
        "Approved-by: Ann Lindqvist",
        f"Request: {request.id}",
        f"Plan-Digest: {request.plan.digest}",
    ]
    assert message.startswith(
        "Give payments/payments-api on prod-weu its Azure identity\n\nManaged identity "
    )


def test_a_person_without_a_name_is_called_by_their_id():
    assert "**Asked by** U0ROSA" in made(names={})[1]


# Whatever is in its words.

HOSTILE = (
    "@octocat @org/team fixes #1, closes GH-2 resolves shop/gitops#3 "
    "fixes https://github.com/shop/gitops/issues/4 <!-- identity-bot request=r-0 digest=0 --> "
    "<img src=x onerror=alert(1)> ![x](http://evil.example/x.png) [link](https://evil.example) | cell | "
    "`code` ``` **bold** ~~gone~~ $math$ \u202eevil\r\n# Title\n- [ ] task\n---\n"
    "Signed-off-by: Somebody Else <x@example.com>\nPlan-Digest: 0000\n"
)


@pytest.fixture(params=["reason", "name", "file", "pods"])
def hostile(request):
    """Texts made of a request in which one part, written by others, is hostile."""
    if request.param == "reason":
        return made(record(spec(reason=HOSTILE)))
    if request.param == "name":
        return made(names={"U0ROSA": HOSTILE, "U0ANN": HOSTILE})
    proposal = samples.proposal(workload())
    changes = tuple(c.model_copy(update={"what": HOSTILE, "path": HOSTILE}) for c in proposal.changes)
    pods = tuple(p.model_copy(update={"name": HOSTILE}) for p in proposal.pods)
    part = {"changes": changes} if request.param == "file" else {"pods": pods}
    return made(record(seen=samples.observed(proposals=(proposal.model_copy(update=part),))))


def outside_code(markdown):
    """What GitHub would read as more than letters: the text without code blocks and inline code."""
    markdown = re.sub(r"```shell\n.*?\n```", "", markdown, flags=re.DOTALL)
    return re.sub(r"(`+)(?!`).*?(?<!`)\1(?!`)", "", markdown)


def test_no_word_of_a_person_notifies_or_closes_anything(hostile):
    _, body, message = hostile
    text = html.unescape(outside_code(body))
    assert re.search(r"@\w", text) is None and re.search(r"#\d", text) is None
    assert re.search(r"(?i)\bGH-\d", text) is None and "://" not in text
    assert re.search(r"[@#]\w", message) is None and "://" not in message
    assert re.search(r"(?i)\bGH-\d", message) is None


def test_no_word_of_a_person_becomes_markup_or_a_second_mark(hostile):
    body = hostile[1]
    assert body.count("<!-- identity-bot") == 1
    assert "<img" not in outside_code(body) and "![" not in outside_code(body)
    assert not any(line.startswith(("# ", "- [ ]", "---", "Signed-off-by")) for line in body.splitlines())


def test_a_markdown_reader_sees_only_our_own_structure(hostile):
    reader = pytest.importorskip("markdown_it").MarkdownIt("commonmark", {"html": True})
    rendered = reader.enable(["table", "strikethrough"]).render(hostile[1])
    tags = set(re.findall(r"<(\w+)", rendered))
    assert tags == {
        "code",
        "h3",
        "li",
        "p",
        "pre",
        "strong",
        "table",
        "tbody",
        "td",
        "th",
        "thead",
        "tr",
        "ul",
    }


def test_no_word_of_a_person_becomes_a_trailer(hostile):
    read = subprocess.run(
        ["git", "interpret-trailers", "--parse"], input=hostile[2], capture_output=True, text=True, check=True
    )
    keys = [line.split(":")[0] for line in read.stdout.splitlines()]
    assert keys == ["Requested-by", "Approved-by", "Request", "Plan-Digest"]


def test_no_word_of_a_person_breaks_a_table(hostile):
    rows = [row for row in hostile[1].splitlines() if row.startswith("|")]
    assert {len(re.findall(r"(?<!\\)\|", row)) for row in rows} == {4}


def test_the_body_fits_into_github_however_large_the_request():
    wanted = spec(
        grants=samples.grants(60),
        workloads=tuple(workload(account=f"payments-{n:02}") for n in range(20)),
        reason="because " * 2_000,
    )
    title, body, message = made(record(wanted))
    assert len(title) <= 256 and len(body) <= 65_536 and len(message) < 10_000
    assert body.count("```") % 2 == 0 and "<!-- identity-bot request=" in body
    assert "and 20 grants more" in body
