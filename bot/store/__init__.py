"""The only folder that knows SQLAlchemy: tables, one unit of work per use case, migrations."""
