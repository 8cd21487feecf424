"""Members: who they are, how facts find them, how two become one and how somebody is forgotten."""
