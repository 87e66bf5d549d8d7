//! Unique constraints by name: PostgreSQL says which one was broken, SQLite says its columns.

/// A unique constraint that somebody may break by doing nothing wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Unique {
    /// As in the migrations.
    pub name: &'static str,
    /// As SQLite puts it: `table.column, table.column`.
    pub columns: &'static str,
}

impl Unique {
    /// An app's name.
    pub const APPS_NAME: Self = Self {
        name: "apps_name_key",
        columns: "apps.name",
    };
    /// An app's own host name.
    pub const APP_HOSTS: Self = Self {
        name: "app_hosts_pkey",
        columns: "app_hosts.host",
    };
    /// A script's name in its app.
    pub const SCRIPTS_NAME: Self = Self {
        name: "scripts_app_id_name_key",
        columns: "scripts.app_id, scripts.name",
    };
    /// The shape of a route in its app.
    pub const ROUTES_SHAPE: Self = Self {
        name: "routes_shape_key",
        columns: "routes.app_id, routes.host, routes.method, routes.shape",
    };

    /// All of them, for the test that breaks each on both databases.
    pub const ALL: [Self; 4] = [Self::APPS_NAME, Self::APP_HOSTS, Self::SCRIPTS_NAME, Self::ROUTES_SHAPE];

    fn is_broken_by(self, error: &sqlx::Error) -> bool {
        let Some(error) = error.as_database_error() else {
            return false;
        };
        error.is_unique_violation()
            && error.constraint().map_or_else(
                || error.message().strip_prefix("UNIQUE constraint failed: ") == Some(self.columns),
                |name| name == self.name,
            )
    }
}

/// Turns "that constraint is broken" into a value.
pub trait Conflict<T> {
    /// `Ok(None)` when exactly `unique` was broken. On PostgreSQL the transaction is of no more use then.
    ///
    /// # Errors
    /// Every other error of the database.
    fn unless_taken(self, unique: Unique) -> sqlx::Result<Option<T>>;
}

impl<T> Conflict<T> for sqlx::Result<T> {
    fn unless_taken(self, unique: Unique) -> sqlx::Result<Option<T>> {
        match self {
            Ok(value) => Ok(Some(value)),
            Err(error) if unique.is_broken_by(&error) => Ok(None),
            Err(error) => Err(error),
        }
    }
}
