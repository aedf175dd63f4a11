"""What a picture of one child leaves out ends nothing of another child under the same key."""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None

# A picture's scope is the child's id, then its source; the newest complete one says what left it.
_LEFT_OUT = """
insert into statement_end (partner, key_hash, ending, asserted_at, receipt)
select distinct on (s.partner, name) s.partner, {name} as name, 'superseded',
       n.asserted_at, n.receipt
  from scope_statement s
  join child c on uuid_send(c.id) = substring(s.scope_hash for 16)
  join lateral (
    select d.asserted_at, d.receipt from scope_delivery d
     where d.partner = s.partner and d.scope_hash = s.scope_hash and d.complete
     order by d.asserted_at collate "C" desc limit 1) n on true
 where s.said_at collate "C" < n.asserted_at collate "C"
 order by s.partner, name, n.asserted_at collate "C" desc
"""


def _recompute(name: str) -> None:
    op.execute("delete from statement_end where ending = 'superseded'")
    op.execute(sa.text(_LEFT_OUT.format(name=name)))


def upgrade() -> None:
    _recompute('sha256(uuid_send(c.id) || s.key_hash)')


def downgrade() -> None:
    _recompute('s.key_hash')
