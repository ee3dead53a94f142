"""What `kiosk doctor` finds of the forms that visitors fill in at the screen."""

from collections.abc import Iterator

from kiosk.adapters.policy_archive import read_policy
from kiosk.cli.doctor_state import Finding
from kiosk.config import ConfigError, KioskConfig
from kiosk.domain.form import Purpose
from kiosk.form_file import load_forms


def forms(config: KioskConfig | None) -> Iterator[Finding]:
    """Say which forms are offered, and what becomes of them; a kiosk that offers none needs none."""
    if config is None or not config.forms.offered:
        return
    try:
        offered = load_forms(config.forms.folder, config.forms.offered)
        policy, _ = read_policy(config.paths.policy)
    except ConfigError as error:
        yield Finding("forms", "missing", str(error), "correct that file: docs/forms.md")
        return
    names = ", ".join(f"{form.id} {form.version}" for form in offered.values())
    declaration = offered.get(Purpose.DECLARATION)
    if declaration is not None and not any(declaration.id in rule.forms for rule in policy.admit):
        said = f"no rule of the policy names '{declaration.id}': everybody who fills it in goes to staff"
        yield Finding("forms", "warning", said, f'add forms = ["{declaration.id}"] to a rule: docs/policy.md')
    elif config.privacy.authority_key is None:
        said = f"{names}; without [privacy] authority_key no answer is kept"
        yield Finding("forms", "warning", said, "name the authority's key, or leave it so: docs/forms.md")
    else:
        yield Finding("forms", "ok", names)
