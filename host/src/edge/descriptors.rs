//! How many connections the process can have. Each is a file descriptor, and so are the database's files: when the last
//! one is gone, nothing works any more, on either listener.

use anyhow::bail;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::config::HttpConfig;

/// For all that is no client's connection: the database, the sandboxes, what the libraries open.
const RESERVED: u64 = 64;
/// With fewer there is no point.
const CONNECTIONS_MIN: u64 = 16;

/// Makes the bounds on connections fit the process: its limit is raised as far as may be, and where that is not enough,
/// there are fewer connections. Each listener has its own part.
///
/// # Errors
/// When hardly any connection could be had.
pub(crate) fn fit(http: &mut HttpConfig) -> anyhow::Result<()> {
    let wanted = RESERVED + u64::from(http.connections_max) + u64::from(http.admin_connections_max);
    let files_max = raised_to(wanted);
    if files_max >= wanted {
        return Ok(());
    }
    let (apps, admin) = parts(files_max, http)?;
    tracing::warn!(
        "this process may have {files_max} files open (ulimit -n): {apps} connections of the apps' listener instead of {}, {admin} of the admin listener instead of {}",
        http.connections_max,
        http.admin_connections_max
    );
    (http.connections_max, http.admin_connections_max) = (apps, admin);
    Ok(())
}

/// The limit on open files, made `wanted` when it was less and may be that.
fn raised_to(wanted: u64) -> u64 {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let current = current.unwrap_or(u64::MAX);
    let possible = maximum.map_or(wanted, |maximum| maximum.min(wanted));
    if current >= possible {
        return current;
    }
    let limit = Rlimit {
        current: Some(possible),
        maximum,
    };
    setrlimit(Resource::Nofile, limit).map_or(current, |()| possible)
}

/// Connections of the apps' and of the admin listener, which gets a quarter at most.
fn parts(files_max: u64, http: &HttpConfig) -> anyhow::Result<(u32, u32)> {
    let left = files_max.saturating_sub(RESERVED);
    if left < CONNECTIONS_MIN {
        bail!(
            "this process may have {files_max} files open (ulimit -n), and needs {}",
            RESERVED + CONNECTIONS_MIN
        );
    }
    let admin = (left / 4).min(http.admin_connections_max.into());
    let apps = (left - admin).min(http.connections_max.into());
    Ok((u32::try_from(apps)?, u32::try_from(admin)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config::{Config, Env};

    #[test]
    fn each_listener_has_its_part_of_what_there_is() {
        let http = Config::from_env(&Env::new(&|_| None)).unwrap().http;
        assert_eq!(parts(64 + 16, &http).unwrap(), (12, 4));
        assert_eq!(parts(64 + 400, &http).unwrap(), (300, 100));
        assert_eq!(parts(64 + 1000, &http).unwrap(), (872, 128));
        let error = parts(64 + 15, &http).unwrap_err().to_string();
        assert_eq!(error, "this process may have 79 files open (ulimit -n), and needs 80");
    }
}
