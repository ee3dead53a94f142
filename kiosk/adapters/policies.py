"""The venue's policy from its file, with the country rules that it names from theirs."""

from datetime import datetime
from pathlib import Path

from kiosk import policy_file
from kiosk.adapters import rule_files
from kiosk.adapters.rule_files import RuleFileError
from kiosk.config import ConfigError
from kiosk.domain.business_rules import check, reason_of, speaks
from kiosk.domain.credential import Credential
from kiosk.domain.policy import Policy
from kiosk.domain.policy_terms import CountryRules
from kiosk.domain.reasons import Reason
from kiosk.domain.rule_documents import RuleType
from kiosk.policy_file import CountryRulesTable


def read_country_rules(table: CountryRulesTable) -> CountryRules:
    """Read a country's rules; the paths in the table are absolute. Raises ConfigError."""
    try:
        rules = rule_files.load(table.rules, table.value_sets, country=table.country, region=table.region)
    except RuleFileError as error:
        raise ConfigError(str(error)) from error

    def refusals(credential: Credential, now: datetime) -> tuple[Reason, ...]:
        results = check(rules, credential, now)
        reason = reason_of(one for one in results if table.invalidation or one.type is not RuleType.INVALIDATION)
        return () if reason is None else (reason,)

    return CountryRules(rules.country, rules.version, refusals, lambda now: speaks(rules, now))


def load_policy(path: Path) -> Policy:
    """Read a venue's policy and everything that it names. Raises ConfigError."""
    return policy_file.load_policy(path, read_country_rules)
