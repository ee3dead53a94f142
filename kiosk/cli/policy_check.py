"""`kiosk policy check`: what a venue's policy admits, in words, and what had better be looked at."""

import argparse
from pathlib import Path

from kiosk.adapters.clock import SystemClock
from kiosk.adapters.policies import load_policy
from kiosk.cli.output import DONE, NEGATIVE, CommandError, moment, print_json, printable
from kiosk.cli.policy_review import review
from kiosk.cli.policy_words import Speaker
from kiosk.cli.words import languages
from kiosk.config import ConfigError


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Declare the arguments."""
    parser.add_argument("file", type=Path, metavar="FILE", help="a policy.toml")
    parser.add_argument("--language", choices=languages(), default="en", help="of the sentences (en)")
    parser.add_argument("--at", type=moment, metavar="TIME", help="as of this day, 2026-01-31 (today)")
    parser.add_argument("--json", action="store_true", help="one JSON object")
    parser.epilog = f"{parser.epilog}\n\n1 where something is warned of, 2 where the policy cannot be used"


def run(options: argparse.Namespace) -> int:
    """Explain one policy; the exit status is 1 where something is warned of."""
    try:
        policy = load_policy(options.file)
    except ConfigError as error:
        raise CommandError(str(error)) from error
    at = options.at or SystemClock().now().astimezone()
    speaker, flaws = Speaker(options.language), review(policy, at.date())
    rules = [speaker.rule(rule, policy) for rule in policy.admit]
    more, warnings = list(speaker.policy(policy)), [speaker.flaw(flaw) for flaw in flaws]
    if options.json:
        print_json({
            "file": str(options.file), "version": policy.version, "title": policy.title, "zone": policy.zone,
            "rules": [{"name": rule.name, "says": says} for rule, says in zip(policy.admit, rules, strict=True)],
            "more": more,
            "warnings": [
                {"code": flaw.code, "rule": flaw.rule, "says": says} for flaw, says in zip(flaws, warnings, strict=True)
            ],
        })  # fmt: skip
    else:
        for line in (speaker.head(policy), *(rules or [speaker.say("policy.nobody")]), *more):
            print(printable(line, 2000))
        for line in warnings:
            print(f"! {printable(line, 2000)}")
    return NEGATIVE if flaws else DONE
