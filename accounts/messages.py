"""How the messages of this app are read when they are delivered."""

from accounts.models import Invitation
from accounts.services import invitation_token
from core.outbox.models import OutboxMessage
from core.outbox.services import Mail, register_reader


def read_invitation(message: OutboxMessage) -> Mail | None:
    """An invitation that is still open."""
    invitation = (
        Invitation.objects.select_related("organisation__parent", "invited_by")
        .filter(pk=message.context["invitation"], accepted_at=None)
        .first()
    )
    if invitation is None:
        return None
    return Mail(
        to=invitation.email,
        context={
            "invitation": invitation,
            "organisation": invitation.organisation,
            "role": invitation.get_role_display(),
            "token": invitation_token(invitation.pk),
        },
    )


register_reader("accounts/invitation", read_invitation)
