//! Two schemas, one meaning: the same migrations, tables, columns and nullability, and every statement fits both.

use std::collections::BTreeSet;

use picloud::store::Db;
use sqlx::{Executor as _, SqlSafeStr as _};

use crate::harness::database::TestDatabase;

/// Table, column, whether it may be null.
type Column = (String, String, bool);

#[tokio::test]
async fn every_statement_fits_sqlite() {
    let database = TestDatabase::sqlite().await;
    let Db::Sqlite { write, .. } = &database.db else {
        unreachable!()
    };
    for statement in picloud::statements() {
        let prepared = write.prepare(statement.sqlite.into_sql_str()).await;
        assert!(
            prepared.is_ok(),
            "{}: {}\n{}",
            statement.name,
            prepared.unwrap_err(),
            statement.sqlite
        );
    }
}

#[tokio::test]
async fn every_statement_fits_postgres() {
    let Some(database) = TestDatabase::postgres().await else {
        return;
    };
    let Db::Postgres(pool) = &database.db else {
        unreachable!()
    };
    for statement in picloud::statements() {
        let prepared = pool.prepare(statement.postgres.into_sql_str()).await;
        assert!(
            prepared.is_ok(),
            "{}: {}\n{}",
            statement.name,
            prepared.unwrap_err(),
            statement.postgres
        );
    }
}

#[test]
fn every_file_of_statements_is_listed() {
    let listed = picloud::statements().len();
    let written: usize = query_files("src".as_ref())
        .iter()
        .map(|file| std::fs::read_to_string(file).unwrap())
        .map(|text| text.lines().filter(|line| is_statement(line)).count())
        .sum();
    // Seven of executions are put together from their columns.
    assert_eq!(
        listed,
        written + 7,
        "a queries.rs is missing in the STATEMENTS of its area"
    );
}

fn is_statement(line: &str) -> bool {
    line.strip_prefix("    ")
        .and_then(|line| line.split_once(" = "))
        .is_some_and(|(name, _)| {
            name.bytes()
                .all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || b == b'_')
        })
}

fn query_files(folder: &std::path::Path) -> Vec<std::path::PathBuf> {
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut found = Vec::new();
    for entry in std::fs::read_dir(folder).unwrap().flatten() {
        match entry.path() {
            path if path.is_dir() => found.extend(query_files(&path)),
            path if path.ends_with("queries.rs") => found.push(path),
            _ => {}
        }
    }
    found
}

#[test]
fn both_databases_have_the_same_migrations() {
    let folder = |database: &str| {
        let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR"))
            .join("../migrations")
            .join(database);
        let names = std::fs::read_dir(path)
            .unwrap()
            .flatten()
            .map(|entry| entry.file_name());
        names.collect::<BTreeSet<_>>()
    };
    assert_eq!(folder("sqlite"), folder("postgres"));
}

#[tokio::test]
async fn both_databases_have_the_same_tables() {
    let Some(postgres) = TestDatabase::postgres().await else {
        return;
    };
    let sqlite = TestDatabase::sqlite().await;
    let (Db::Sqlite { read, .. }, Db::Postgres(pool)) = (&sqlite.db, &postgres.db) else {
        unreachable!()
    };

    let of_sqlite: Vec<Column> = sqlx::query_as(
        "select tables.name, columns.name, columns.\"notnull\" = 0
         from sqlite_schema as tables join pragma_table_info(tables.name) as columns
         where tables.type = 'table' and tables.name not like 'sqlite_%' and tables.name <> '_sqlx_migrations'",
    )
    .fetch_all(read)
    .await
    .unwrap();
    let of_postgres: Vec<Column> = sqlx::query_as(
        "select table_name::text, column_name::text, is_nullable = 'YES' from information_schema.columns
         where table_schema = 'public' and table_name <> '_sqlx_migrations'",
    )
    .fetch_all(pool)
    .await
    .unwrap();

    let (of_sqlite, of_postgres) = (BTreeSet::from_iter(of_sqlite), BTreeSet::from_iter(of_postgres));
    assert!(!of_sqlite.is_empty());
    assert_eq!(of_sqlite, of_postgres);
}
