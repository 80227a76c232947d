-- The sandbox's data, version 1 (PRAGMA user_version). Every row belongs to a company.
-- Amounts are minor units unless they say cents; moments are ISO 8601 texts in UTC.

CREATE TABLE companies (
    id             INTEGER PRIMARY KEY,
    api_key        TEXT NOT NULL UNIQUE,
    webhook_secret TEXT NOT NULL
);

-- The last number given out, for each kind of id and each prefix of referral codes.
CREATE TABLE counters (
    company INTEGER NOT NULL REFERENCES companies,
    name    TEXT    NOT NULL,
    value   INTEGER NOT NULL,
    PRIMARY KEY (company, name)
);

-- US dollars for one unit (not minor unit) of a currency, as a decimal string.
CREATE TABLE rates (
    company      INTEGER NOT NULL REFERENCES companies,
    currency     TEXT    NOT NULL,
    usd_per_unit TEXT    NOT NULL,
    PRIMARY KEY (company, currency)
);

CREATE TABLE associates (
    company       INTEGER NOT NULL REFERENCES companies,
    id            TEXT    NOT NULL,
    name          TEXT    NOT NULL,
    referral_code TEXT    NOT NULL,
    role          TEXT    NOT NULL,
    upline_id     TEXT,
    PRIMARY KEY (company, id),
    UNIQUE (company, referral_code),
    FOREIGN KEY (company, upline_id) REFERENCES associates (company, id)
);

CREATE TABLE users (
    company      INTEGER NOT NULL REFERENCES companies,
    id           TEXT    NOT NULL,
    email        TEXT    NOT NULL,  -- in lower case
    name         TEXT    NOT NULL,
    is_active    INTEGER NOT NULL DEFAULT 1,
    google_id    TEXT,
    picture      TEXT,
    avatar       TEXT,
    country_code TEXT,
    project_id   TEXT,
    associate_id TEXT,
    PRIMARY KEY (company, id),
    UNIQUE (company, email),
    FOREIGN KEY (company, associate_id) REFERENCES associates (company, id)
);

CREATE TABLE vouchers (
    company       INTEGER NOT NULL REFERENCES companies,
    serial        TEXT    NOT NULL,
    associate_id  TEXT    NOT NULL,
    code          TEXT    NOT NULL,
    type          TEXT    NOT NULL,
    value         INTEGER NOT NULL,  -- basis points for a percentage
    currency      TEXT    NOT NULL,
    usage_limit   INTEGER,
    current_usage INTEGER NOT NULL DEFAULT 0,
    min_purchase  INTEGER,
    max_purchase  INTEGER,
    start_date    TEXT,
    end_date      TEXT,
    active        INTEGER NOT NULL DEFAULT 1,
    client_type   TEXT,
    description   TEXT    NOT NULL,
    created_date  TEXT    NOT NULL,
    PRIMARY KEY (company, serial),
    UNIQUE (company, code),
    FOREIGN KEY (company, associate_id) REFERENCES associates (company, id),
    CHECK (current_usage <= usage_limit)
);

CREATE TABLE transactions (
    company              INTEGER NOT NULL REFERENCES companies,
    id                   TEXT    NOT NULL,
    payment_id           TEXT    NOT NULL,
    payload              TEXT    NOT NULL,  -- canonical JSON of the request, without nulls
    message              TEXT    NOT NULL,
    status               TEXT    NOT NULL,
    amount               INTEGER NOT NULL,
    subtotal_transaction INTEGER,
    currency             TEXT    NOT NULL,
    usd_cents            INTEGER NOT NULL,  -- what commissions are a share of
    customer_type        TEXT    NOT NULL,
    referral_code        TEXT,
    promo_code           TEXT,
    custom_fields        TEXT,              -- JSON
    created_at           TEXT    NOT NULL,
    PRIMARY KEY (company, id),
    UNIQUE (company, payment_id)
);

CREATE TABLE commissions (
    company        INTEGER NOT NULL REFERENCES companies,
    id             TEXT    NOT NULL,
    transaction_id TEXT    NOT NULL,
    associate_id   TEXT    NOT NULL,
    level          INTEGER NOT NULL,
    percentage     INTEGER NOT NULL,
    usd_cents      INTEGER NOT NULL,
    PRIMARY KEY (company, id),
    UNIQUE (company, transaction_id, level),
    FOREIGN KEY (company, transaction_id) REFERENCES transactions (company, id),
    FOREIGN KEY (company, associate_id) REFERENCES associates (company, id)
);

CREATE TABLE login_tokens (
    company    INTEGER NOT NULL REFERENCES companies,
    token_hash TEXT    NOT NULL,  -- hexadecimal SHA-256
    user_id    TEXT    NOT NULL,
    expires_at TEXT    NOT NULL,
    PRIMARY KEY (company, token_hash),
    FOREIGN KEY (company, user_id) REFERENCES users (company, id)
);
