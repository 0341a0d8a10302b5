{{ register_members() }}
