"""Prepare what Superset remembers, in Superset's own environment: tables, permissions, the roles of roles.json, users.

Run at every start; a second time changes nothing. On standard input users as JSON, ``[{"name", "password", "role"}]``;
an empty input makes none; SUPERSET_ADMIN_PASSWORD makes ``admin``. A user's name is her login in the warehouse: by it
the warehouse knows who asks. ``--fresh`` makes the tables at once, for a trial: no later version migrates them.
"""

import json
import os
import sys
from pathlib import Path

from flask_appbuilder import Model
from superset.app import create_app


def main() -> None:
    """Prepare everything."""
    app = create_app()
    with app.app_context():
        # Superset's models can be imported within an application alone.
        from superset import appbuilder, db, security_manager

        if "--fresh" in sys.argv:
            Model.metadata.create_all(db.engine)
        else:
            from flask_migrate import upgrade

            upgrade()
        appbuilder.add_permissions(update_perms=True)
        security_manager.sync_role_definitions()
        make_roles(security_manager)
        users = json.loads(sys.stdin.read() or "[]")
        password = os.environ.get("SUPERSET_ADMIN_PASSWORD")
        if password:
            users.append(
                {"name": "admin", "password": password, "role": "Admin"}
            )
        for user in users:
            make_user(security_manager, user)
        db.session.commit()


def make_roles(security_manager: object) -> None:
    """Give each role just what the file says: what somebody added by hand would outlive its reason."""
    told = json.loads(
        Path(__file__).with_name("roles.json").read_text("utf-8")
    )
    for role in told:
        made = security_manager.add_role(role["name"])
        made.permissions = [
            security_manager.add_permission_view_menu(
                one["permission"]["name"], one["view_menu"]["name"]
            )
            for one in role["permissions"]
        ]


def make_user(security_manager: object, user: dict[str, str]) -> None:
    """Make a user, or give her the password and the role anew."""
    name, role = user["name"], security_manager.find_role(user["role"])
    there = security_manager.find_user(name)
    if there is None:
        security_manager.add_user(
            name, name, "一库", f"{name}@localhost", role, user["password"]
        )
        return
    there.roles = [role]
    security_manager.reset_password(there.id, user["password"])


if __name__ == "__main__":
    main()
