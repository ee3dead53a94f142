"""The venue's policy from its file, with the country rules that it names from theirs."""

from datetime import datetime
from pathlib import Path

from kiosk import policy_file
from kiosk.adapters import rule_files
from kiosk.adapters.rule_files import RuleFileError
from kiosk.config import ConfigError
from kiosk.domain import business_rules
from kiosk.domain.credential import Credential
from kiosk.domain.policy import Policy
from kiosk.domain.policy_terms import CountryRules
from kiosk.domain.reasons import Reason
from kiosk.policy_file import CountryRulesTable


def read_country_rules(table: CountryRulesTable) -> CountryRules:
    """Read a country's rules; the paths in the table are absolute. Raises ConfigError."""
    try:
        rules = rule_files.load(table.rules, table.value_sets, country=table.country, region=table.region)
    except RuleFileError as error:
        raise ConfigError(str(error)) from error

    def refusals(credential: Credential, now: datetime, key_id: str) -> tuple[Reason, ...]:
        key = bytes.fromhex(key_id)
        return business_rules.refusals(rules, credential, now, key, invalidation=table.invalidation)

    return CountryRules(rules.country, rules.version, refusals, lambda now: business_rules.speaks(rules, now))


def load_policy(path: Path) -> Policy:
    """Read a venue's policy and everything that it names. Raises ConfigError."""
    return policy_file.load_policy(path, read_country_rules)
