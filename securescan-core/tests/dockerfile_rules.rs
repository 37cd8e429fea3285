//! Each rule of the scanner `dockerfile` with files it must hit and files it must leave alone.
#![cfg(feature = "scanners")]

use securescan_core::scanners::builtin::dockerfile::{rules, scan_text};
use std::collections::BTreeSet;

/// Rule, files it hits (the line in front), files it leaves alone.
type Case = (&'static str, &'static [(u32, &'static str)], &'static [&'static str]);

const CASES: &[Case] = &[
    (
        "DL001",
        &[
            (1, "FROM python:latest"),
            (2, "ARG TAG=latest\nFROM python:${TAG}"),
            (1, "FROM reg.example:5000/a/b:latest AS x"),
            (2, "FROM a:1\nCOPY --from=tool:latest /x /x"),
            (1, "FROM ${BASE:-python:latest}"),
        ],
        &[
            "FROM python:latest@sha256:00",
            "FROM python:3.13",
            "FROM a:1 AS latest\nFROM latest",
            "FROM x:${TAG}",
            "# FROM x:latest\nFROM a:1",
        ],
    ),
    (
        "untagged-image",
        &[(1, "FROM python"), (1, "FROM reg.example:5000/python"), (2, "FROM a:1\nCOPY --from=nginx /x /x")],
        &[
            "FROM scratch",
            "FROM a:1 AS b\nFROM b\nCOPY --from=b /x /x\nCOPY --from=0 /y /y",
            "ARG I\nFROM $I",
            "FROM python@sha256:00",
        ],
    ),
    (
        "eol-base-image",
        &[
            (1, "FROM debian:stretch-slim"),
            (1, "FROM python:2.7"),
            (1, "FROM node:16-alpine"),
            (1, "FROM ubuntu:18.04"),
            (1, "FROM docker.io/library/centos:7"),
            (1, "FROM python:3.12-buster"),
            (1, "FROM node:22-alpine3.12"),
        ],
        &[
            "FROM debian:12",
            "FROM python:3",
            "FROM node:lts",
            "FROM ubuntu:24.04",
            "FROM acme/debian:stretch",
            "FROM python:3.13-slim-bookworm",
        ],
    ),
    (
        "third-party-frontend",
        &[(1, "# syntax=acme/frontend:1\nFROM a:1")],
        &["# syntax=docker/dockerfile:1\nFROM a:1", "# syntax=acme/f@sha256:00\nFROM a:1", "FROM a:1\n# syntax=acme/frontend:1"],
    ),
    (
        "DL002",
        &[
            (2, "FROM a:1\nUSER root"),
            (2, "FROM a:1\nUSER 0:0"),
            (3, "FROM a:1\nUSER app\nUSER root:root"),
            (3, "ARG U=root\nFROM a:1\nUSER ${U:-root}"),
            (2, "FROM a:1 AS b\nUSER root\nFROM b\nRUN x"),
        ],
        &[
            "FROM a:1\nUSER root\nRUN x\nUSER app",
            "FROM a:1 AS b\nUSER root\nFROM a:1\nUSER app",
            "FROM a:1\nONBUILD USER root\nUSER app",
            "FROM a:1\nUSER $U",
        ],
    ),
    (
        "DL010",
        &[
            (1, "FROM a:1"),
            (3, "FROM a:1\nUSER app\nFROM b:1"),
            (1, "FROM scratch\nENTRYPOINT [\"/x\"]"),
            (2, "FROM a:1 AS b\nFROM b\nRUN x"),
        ],
        &[
            "FROM a:1\nUSER app",
            "FROM a:1 AS b\nUSER app\nFROM b",
            "FROM scratch\nCOPY --from=x /x /x",
            "FROM gcr.io/distroless/static:nonroot",
            "FROM nginxinc/nginx-unprivileged:1",
            "EXPOSE 80",
        ],
    ),
    (
        "DL003",
        &[
            (1, "RUN curl -fsSL https://x | sh"),
            (2, "RUN apt-get update \\\n && curl x | sudo -E bash -"),
            (1, "RUN wget -qO- https://x | bash -s -- -y"),
            (1, "RUN sh -c \"$(curl -fsSL https://x)\""),
            (1, "RUN bash <(curl -s https://x)"),
            (1, "RUN eval \"$(wget -qO- x)\""),
            (1, "RUN curl x | tee a | sh"),
            (1, "RUN curl x | python3 -"),
            (2, "RUN <<EOF\ncurl x | sh\nEOF"),
            (1, "RUN [\"bash\", \"-c\", \"curl x | sh\"]"),
            (1, "RUN (curl x || wget x) | sh"),
        ],
        &[
            "RUN curl x | sha256sum -c",
            "RUN curl x | tar xz",
            "RUN curl x -o y && sh y",
            "RUN sh -c 'curl x -o y'",
            "RUN echo 'curl x | sh'",
            "RUN curl x | bash script.sh",
            "RUN curl x || sh y",
            "RUN curl x | python3 -m json.tool",
            "RUN V=\"$(curl -s x)\" && echo $V",
        ],
    ),
    (
        "DL004",
        &[
            (1, "RUN apt-get install curl"),
            (2, "RUN apt-get update && \\\n apt-get -y install curl"),
            (1, "RUN DEBIAN_FRONTEND=noninteractive sudo apt-get install -y x"),
            (1, "RUN apt install -y x"),
        ],
        &[
            "RUN apt-get install -y \\\n --no-install-recommends curl",
            "RUN apt-get -o APT::Install-Recommends=false install x",
            "RUN echo 'APT::Install-Recommends \"0\";' > /etc/apt/apt.conf.d/1\nRUN apt-get install x",
            "RUN apt-get update",
            "RUN echo apt-get install",
        ],
    ),
    (
        "DL005",
        &[
            (1, "EXPOSE 22"),
            (1, "EXPOSE 22/tcp"),
            (1, "EXPOSE 80 23"),
            (1, "EXPOSE 20-30"),
            (3, "FROM a:1\nARG P=3389\nEXPOSE $P"),
        ],
        &["EXPOSE 8022", "EXPOSE 22/udp", "EXPOSE 80 443", "EXPOSE $PORT", "EXPOSE 2222-2299"],
    ),
    (
        "DL006",
        &[
            (1, "ADD https://x/y /z"),
            (1, "ADD --chown=a:b https://x/y /z"),
            (1, "ADD [\"HTTP://x/y\", \"/z\"]"),
            (1, "ADD git@h:a/b /z"),
        ],
        &["ADD --checksum=sha256:00 https://x/y /z", "ADD x.tar.gz /", "COPY https /z"],
    ),
    (
        "add-instead-of-copy",
        &[(1, "ADD . /app"), (1, "ADD --chown=a b.txt /app/")],
        &["ADD a.tar.gz /", "ADD https://x/y /z", "ADD $X /z", "ADD rootfs.tar.xz /"],
    ),
    (
        "DL007",
        &[
            (1, "ENV DB_PASSWORD=hunter22"),
            (1, "ENV API_KEY abcdef"),
            (2, "ENV A=1 \\\n    AWS_SECRET_ACCESS_KEY=\"abc\""),
            (1, "ENV githubToken=abcdef"),
        ],
        &[
            "ENV MONKEY=1",
            "ENV KEYBOARD=us",
            "ENV AUTHOR=me",
            "ENV TOKEN=",
            "ENV TOKEN=$TOKEN",
            "ENV PASSWORD_FILE=/run/secrets/x",
            "ENV SSH_PUBLIC_KEY=abc",
            "ENV GPG_KEY=A035C8C19219BA821ECEA86B64E628F8D684696D",
            "ENV TOKEN_TTL=30",
            "ENV PWD=/x",
            "ENV SECRET_KEY=changeme",
            "ENV TLS_KEY=certs/server.key",
        ],
    ),
    (
        "secret-in-arg",
        &[(1, "ARG DB_PASSWORD=hunter22\nFROM a:1"), (2, "FROM a:1\nARG NPM_TOKEN=\"abcdef\"")],
        &["ARG KEYBOARD=us", "ARG DB_PASSWORD", "ARG TOKEN=$OTHER"],
    ),
    (
        "secret-build-arg",
        &[(2, "FROM a:1\nARG NPM_TOKEN"), (1, "ARG DB_PASSWORD=\nFROM a:1")],
        &["FROM a:1\nARG VERSION", "ARG PASSWORD_FILE"],
    ),
    (
        "secret-kept-in-env",
        &[(3, "FROM a:1\nARG NPM_TOKEN\nENV NPM_TOKEN=${NPM_TOKEN}")],
        &["FROM a:1\nENV NPM_TOKEN=$OTHER", "FROM a:1\nARG V\nENV V=$V"],
    ),
    (
        "secret-in-command",
        &[
            (1, "RUN export AWS_SECRET_ACCESS_KEY=abcdef && x"),
            (2, "RUN a && \\\n DB_PASSWORD=hunter22 b"),
            (1, "RUN mysql --password=hunter22"),
            (1, "RUN curl -u me:hunter22 https://x"),
            (1, "RUN echo \"//r/:_authToken=abcdef\" > .npmrc"),
        ],
        &[
            "RUN export TOKEN=$(cat /run/secrets/t) && x",
            "RUN mysql --password=\"$P\"",
            "RUN docker login --password-stdin",
            "RUN curl -u me: https://x",
            "RUN echo \"//r/:_authToken=${T}\" > .npmrc",
        ],
    ),
    (
        "credentials-in-url",
        &[
            (1, "RUN git clone https://me:abcdef@h/x"),
            (1, "ADD https://me:abcdef@h/x /x"),
            (1, "ENV DATABASE_URL=postgres://u:hunter22@db/x"),
            (1, "RUN git clone https://ghp_0123456789abcdef0123@github.com/a/b"),
        ],
        &["RUN git clone https://h/x", "RUN git clone https://$T@h/x", "RUN git clone ssh://git@h/x", "RUN curl https://h/a@b"],
    ),
    (
        "password-set-in-image",
        &[(1, "RUN echo 'root:root' | chpasswd"), (1, "RUN passwd -d root"), (1, "RUN useradd -p x me")],
        &["RUN passwd -l root", "RUN useradd me", "RUN cat /etc/passwd"],
    ),
    (
        "secret-file-copied",
        &[
            (1, "COPY .env /app/"),
            (1, "COPY a id_rsa /home/app/.ssh/"),
            (1, "ADD .aws/credentials /home/app/"),
            (1, "COPY [\"server.key\", \"/etc/\"]"),
        ],
        &["COPY .env.example /app/.env", "COPY id_rsa.pub /x", "COPY . /app", "COPY .ssh/known_hosts /x"],
    ),
    ("git-folder-copied", &[(1, "COPY .git /app/.git"), (1, "COPY .git/ /x")], &["COPY .gitconfig /x", "COPY . /x"]),
    (
        "DL008",
        &[
            (1, "RUN chmod 777 /x"),
            (1, "RUN chmod -R 0777 /x"),
            (1, "RUN chmod a+rwx /x"),
            (1, "COPY --chmod=777 a /b"),
            (2, "RUN a && \\\n chmod o+w /x"),
            (1, "RUN find / -type d -exec chmod 777 {} +"),
            (1, "RUN mkdir -m 777 /x"),
            (1, "RUN ls | xargs chmod 666"),
        ],
        &[
            "RUN chmod 755 /x",
            "RUN chmod 1777 /tmp",
            "RUN chmod o-w /x",
            "RUN chmod +x /x",
            "RUN chmod u+w 777",
            "COPY --chmod=755 a /b",
            "RUN echo chmod 777",
        ],
    ),
    (
        "DL009",
        &[(1, "RUN pip install x"), (1, "RUN pip3.12 install -r r.txt"), (2, "RUN a && \\\n python3 -m pip install x")],
        &[
            "RUN pip install --no-cache-dir x",
            "ENV PIP_NO_CACHE_DIR=1\nRUN pip install x",
            "FROM a:1 AS b\nENV PIP_NO_CACHE_DIR=1\nFROM b\nRUN pip install x",
            "RUN PIP_NO_CACHE_DIR=1 pip install x",
            "RUN --mount=type=cache,target=/home/app/.cache/pip pip install x",
            "RUN pip wheel x",
            "RUN pipx install x",
        ],
    ),
    (
        "sudo",
        &[(1, "RUN sudo apt-get update"), (1, "RUN a && /usr/bin/sudo -u b c"), (1, "ENTRYPOINT sudo x")],
        &["RUN apt-get install sudo", "RUN echo sudo"],
    ),
    (
        "sudo-without-password",
        &[(1, "RUN echo 'me ALL=(ALL) NOPASSWD:ALL' >> /etc/sudoers")],
        &["RUN echo 'me ALL=(ALL) ALL' >> /etc/sudoers", "RUN grep NOPASSWD /etc/x"],
    ),
    (
        "setuid-bit",
        &[(1, "RUN chmod u+s /x"), (1, "RUN chmod 4755 /x")],
        &["RUN chmod u-s /x", "RUN chmod 0755 /x", "RUN chmod 1777 /tmp"],
    ),
    ("insecure-build-step", &[(1, "RUN --security=insecure x")], &["RUN --security=sandbox x", "RUN x --security=insecure"]),
    ("host-network-build-step", &[(1, "RUN --network=host x")], &["RUN --network=none x", "RUN docker run --network=host x"]),
    ("docker-socket", &[(1, "VOLUME /var/run/docker.sock"), (1, "VOLUME [\"/a\", \"/run/docker.sock\"]")], &["VOLUME /data"]),
    (
        "plain-http-download",
        &[
            (1, "RUN curl -O http://x/y"),
            (1, "RUN git clone http://h/x"),
            (1, "RUN pip install -i http://i/s x"),
            (1, "RUN npm config set registry http://r/"),
        ],
        &[
            "RUN curl -O https://x/y",
            "RUN wget http://x/y && echo abc y | sha256sum -c",
            "RUN curl http://localhost:1/x",
            "RUN echo http://x",
        ],
    ),
    (
        "curl-insecure",
        &[(1, "RUN curl -fsSLk https://x"), (1, "RUN curl --insecure x")],
        &["RUN curl -K c x", "RUN curl -k https://localhost/x", "HEALTHCHECK CMD curl -k https://x"],
    ),
    ("wget-no-check-certificate", &[(1, "RUN wget --no-check-certificate x")], &["RUN wget x"]),
    (
        "pip-trusted-host",
        &[
            (1, "RUN pip install --trusted-host h x"),
            (1, "ENV PIP_TRUSTED_HOST=h"),
            (1, "RUN pip config set global.trusted-host h"),
        ],
        &["RUN pip install x", "ENV PIP_TRUSTED_HOST="],
    ),
    ("python-https-verify-off", &[(1, "ENV PYTHONHTTPSVERIFY=0")], &["ENV PYTHONHTTPSVERIFY=1"]),
    (
        "node-tls-verify-off",
        &[(1, "ENV NODE_TLS_REJECT_UNAUTHORIZED=0"), (1, "RUN NODE_TLS_REJECT_UNAUTHORIZED='0' npm i")],
        &["ENV NODE_TLS_REJECT_UNAUTHORIZED=1"],
    ),
    (
        "npm-strict-ssl-off",
        &[(1, "RUN npm config set strict-ssl false"), (1, "ENV NPM_CONFIG_STRICT_SSL=false")],
        &["RUN npm config set strict-ssl true"],
    ),
    (
        "git-ssl-verify-off",
        &[
            (1, "RUN git config --global http.sslVerify false"),
            (1, "RUN git -c http.sslVerify=false clone x"),
            (1, "ENV GIT_SSL_NO_VERIFY=true"),
        ],
        &["RUN git config --global http.sslVerify true"],
    ),
    ("yum-sslverify-off", &[(1, "RUN yum --setopt=sslverify=false install x")], &["RUN yum --setopt=sslverify=true install x"]),
    ("apk-allow-untrusted", &[(1, "RUN apk add --allow-untrusted x.apk")], &["RUN apk add x"]),
    (
        "apt-allow-unauthenticated",
        &[
            (1, "RUN apt-get install --allow-unauthenticated x"),
            (1, "RUN apt-get -o APT::Get::AllowUnauthenticated=true install x"),
        ],
        &["RUN apt-get install x"],
    ),
    ("apt-force-yes", &[(1, "RUN apt-get install --force-yes x")], &["RUN apt-get install --yes x"]),
    (
        "yum-nogpgcheck",
        &[(1, "RUN dnf install --nogpgcheck x"), (1, "RUN microdnf --setopt=gpgcheck=0 install x")],
        &["RUN dnf install x"],
    ),
    ("zypper-no-gpg-checks", &[(1, "RUN zypper --no-gpg-checks install x")], &["RUN zypper install x"]),
    ("rpm-no-verify", &[(1, "RUN rpm -i --nosignature x.rpm")], &["RUN rpm -i x.rpm"]),
    (
        "ssh-host-key-check-off",
        &[(1, "RUN ssh -o StrictHostKeyChecking=no h"), (1, "RUN echo 'StrictHostKeyChecking no' >> ~/.ssh/config")],
        &["RUN ssh -o StrictHostKeyChecking=yes h"],
    ),
    (
        "package-update-alone",
        &[(1, "RUN apt-get update")],
        &["RUN apt-get update && apt-get install x", "RUN apt-get update && ./install.sh"],
    ),
    ("dist-upgrade", &[(1, "RUN apt-get update && apt-get dist-upgrade -y")], &["RUN apt-get upgrade"]),
    (
        "pip-extra-index-url",
        &[(1, "RUN pip install --extra-index-url https://i x")],
        &["RUN pip install --index-url https://i x", "RUN pip install --require-hashes --extra-index-url https://i -r r.txt"],
    ),
    (
        "unpinned-apt-package",
        &[(1, "RUN apt-get install -y curl")],
        &["RUN apt-get install -y curl=7.88", "RUN apt-get install ./x.deb", "RUN apt-get install -y $P"],
    ),
    ("unpinned-apk-package", &[(1, "RUN apk add --no-cache curl")], &["RUN apk add --virtual .d curl=8", "RUN apk update"]),
    ("unpinned-dnf-package", &[(1, "RUN dnf install -y curl")], &["RUN dnf install -y curl-7.88"]),
    ("unpinned-yum-package", &[(1, "RUN yum install -y curl")], &["RUN yum install -y curl-7.88", "RUN yum install x.rpm"]),
    ("unpinned-zypper-package", &[(1, "RUN zypper in -y curl")], &["RUN zypper in -y curl=8"]),
    ("unpinned-gem", &[(1, "RUN gem install rails")], &["RUN gem install rails:7.1", "RUN gem install rails -v 7.1"]),
    (
        "unpinned-go-module",
        &[(1, "RUN go install h.example/x@latest")],
        &["RUN go install h.example/x@v1.2.3", "RUN go install ./...", "RUN go get"],
    ),
    (
        "unpinned-npm-package",
        &[(1, "RUN npm install -g yarn"), (1, "RUN npm i @a/b")],
        &["RUN npm install -g yarn@1.22", "RUN npm install", "RUN npm i @a/b@2", "RUN npm ci"],
    ),
    (
        "unpinned-pip-package",
        &[(1, "RUN pip install flask"), (1, "RUN pip install --upgrade pip")],
        &[
            "RUN pip install flask==3",
            "RUN pip install -r r.txt",
            "RUN pip install .",
            "RUN pip install -e .[dev]",
            "RUN pip install x.whl",
        ],
    ),
    ("multiple-cmd", &[(3, "FROM a:1\nCMD a\nCMD b")], &["FROM a:1\nCMD a\nFROM b:1\nCMD b"]),
    ("multiple-entrypoint", &[(3, "FROM a:1\nENTRYPOINT a\nENTRYPOINT b")], &["FROM a:1\nENTRYPOINT a"]),
    (
        "no-healthcheck",
        &[(1, "FROM a:1\nCMD x")],
        &["FROM a:1\nHEALTHCHECK NONE\nCMD x", "FROM a:1", "FROM a:1 AS b\nHEALTHCHECK CMD x\nFROM b\nCMD x"],
    ),
    ("workdir-in-system-folder", &[(1, "WORKDIR /etc/app")], &["WORKDIR /app", "WORKDIR /libs"]),
];

fn lines_of(rule: &str, text: &str) -> Vec<Option<u32>> {
    let id = format!("dockerfile/{rule}");
    scan_text("Dockerfile", text).into_iter().filter(|f| f.rule_id.as_deref() == Some(&id)).map(|f| f.line).collect()
}

#[test]
fn every_rule_hits_and_spares() {
    let mut wrong = Vec::new();
    for (rule, bad, good) in CASES {
        for (line, text) in *bad {
            let found = lines_of(rule, text);
            if found != [Some(*line)] {
                wrong.push(format!("{rule}: wanted line {line}, found {found:?} in {text:?}"));
            }
        }
        for text in *good {
            let found = lines_of(rule, text);
            if !found.is_empty() {
                wrong.push(format!("{rule}: wanted nothing, found {found:?} in {text:?}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let cases: usize = CASES.iter().map(|(_, bad, good)| bad.len() + good.len()).sum();
    println!("{} rules, {cases} files", CASES.len());
}

#[test]
fn every_rule_has_cases_and_a_well_formed_row() {
    let known: BTreeSet<&str> = CASES.iter().map(|(rule, ..)| *rule).collect();
    let all = rules();
    let ids: BTreeSet<&str> = all.iter().map(|r| r.id).collect();
    assert_eq!(ids.len(), all.len(), "an id is used twice");
    // Needs a folder: tests/dockerfile_scan.rs.
    let missing: Vec<_> = ids.difference(&known).filter(|id| **id != "dockerignore-missing").collect();
    assert!(missing.is_empty(), "no cases for {missing:?}");
    for rule in all {
        assert!(rule.aliases.is_sorted(), "{}: aliases are not sorted", rule.id);
        assert!(!rule.title.is_empty() && rule.why.ends_with('.') && rule.fix.ends_with('.'), "{}: text", rule.id);
        assert!(rule.id.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-'), "{}: id", rule.id);
    }
}
