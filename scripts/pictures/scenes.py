"""What the pictures show, in English and Indonesian: the flow, the referral tree with its commissions, the parts.

Percentages, names and codes are the sandbox's own, so that a picture shows what a reader's first sale shows.
"""

from __future__ import annotations

from typing import Final

from havn_ext.sandbox.commissions import PERCENTAGES, shares
from havn_ext.sandbox.seed import LINEAGE
from pictures.drawing import Picture

LANGUAGES: Final = ("en", "id")
SALE: Final = 10_000  # US cents

Words = dict[str, str]


def flow(language: str) -> Picture:
    """Who says what to whom, from the new project to the owner's dashboard."""
    say = {
        "en": {
            "title": "The integration flow",
            "description": "Your backend syncs the owner and the team, checks the voucher, reports the payment "
            "and asks for a login link; HAVN answers with the referral code, the commissions and the link.",
            "you": "Your backend",
            "project": "A project is created",
            "team": "Its team follows",
            "checkout": "A customer checks out",
            "paid": "The customer has paid",
            "dashboard": "The owner opens HAVN",
            "associate": "an associate below the upline",
            "linked": "linked to the same associate",
            "good": "can be used, or why not",
            "commissions": "five levels of commission",
            "session": "a session for this user",
            "code": "referral code: store it",
            "report": "commissions",
            "link": "login link: redirect to it",
        },
        "id": {
            "title": "Alur integrasi",
            "description": "Backend Anda menyinkronkan pemilik dan tim, memeriksa voucher, melaporkan "
            "pembayaran, dan meminta tautan login; HAVN menjawab dengan kode referral, komisi, dan tautan itu.",
            "you": "Backend Anda",
            "project": "Project dibuat",
            "team": "Timnya menyusul",
            "checkout": "Pelanggan checkout",
            "paid": "Pelanggan sudah membayar",
            "dashboard": "Pemilik membuka HAVN",
            "associate": "associate di bawah upline",
            "linked": "ke associate yang sama",
            "good": "bisa dipakai, atau alasannya",
            "commissions": "lima level komisi",
            "session": "sesi untuk user ini",
            "code": "kode referral: simpan",
            "report": "komisi",
            "link": "tautan login: arahkan ke sana",
        },
    }[language]
    steps = [
        ("project", "users.sync(is_owner=True, upline_code=…)", "associate", "code"),
        ("team", "users.sync_many(team, referral_code=…)", "linked", ""),
        ("checkout", "vouchers.validate(code, amount=…)", "good", ""),
        ("paid", "transactions.send(amount, referral_code=…)", "commissions", "report"),
        ("dashboard", "auth.login(email)", "session", "link"),
    ]
    top, step, left, right = 74, 84, 252, 616
    picture = Picture(904, top + len(steps) * step + 8, say["title"], say["description"])
    picture.box(24, 20, left - 24, 36, [(say["you"], "bold")], kind="ours")
    picture.box(right + 4, 20, 260, 36, [("HAVN", "bold")], kind="theirs")
    for number, (here, call, there, answer) in enumerate(steps):
        y = top + number * step
        picture.box(24, y, left - 24, 60, [(f"{number + 1}. {say[here]}", "")])
        picture.box(right + 4, y, 260, 60, [(say[there], "")], kind="paid" if here == "paid" else "box")
        middle = (left + right) / 2 + 2
        picture.text(middle, y + 17, call, style="code", anchor="middle", room=right - left - 8)
        picture.arrow((left + 6, y + 26), (right - 2, y + 26))
        if answer:
            picture.arrow((right - 2, y + 40), (left + 6, y + 40))
            picture.text(middle, y + 57, say[answer], style="soft", anchor="middle", room=right - left - 8)
    return picture


def dollars(cents: int) -> str:
    """US cents as people write them."""
    return f"${cents // 100}.{cents % 100:02}"


def referral_tree(language: str) -> Picture:
    """A sale of 100 dollars through the code of the fifth associate, and what it pays up the tree."""
    say = {
        "en": {
            "title": "The referral tree and its commissions",
            "description": "A customer pays 100 dollars through a referral code. Its owner is level 1 and earns 5 "
            "percent; the four uplines above earn 3, 2, 1 and 1 percent.",
            "customer": "A customer pays",
            "through": "with the referral code",
            "level": "level",
            "upline": "upline",
            "downline": "A downline of Mary Jane",
            "nothing": "earns nothing from this sale",
            "total": "in all",
        },
        "id": {
            "title": "Pohon referral dan komisinya",
            "description": "Seorang pelanggan membayar 100 dolar lewat sebuah kode referral. Pemilik kode ada "
            "di level 1 dan mendapat 5 persen; keempat upline di atasnya mendapat 3, 2, 1, dan 1 persen.",
            "customer": "Pelanggan membayar",
            "through": "dengan kode referral",
            "level": "level",
            "upline": "upline",
            "downline": "Downline dari Mary Jane",
            "nothing": "tidak mendapat apa-apa",
            "total": "seluruhnya",
        },
    }[language]
    chain = list(reversed(LINEAGE[: len(PERCENTAGES)]))
    shared = shares(SALE)
    step, box = 76, 52
    bottom = 24 + (len(chain) - 1) * step
    picture = Picture(760, bottom + box + 128, say["title"], say["description"])
    for (name, code), share in zip(chain, shared, strict=True):
        y = bottom - (share.level - 1) * step
        picture.box(56, y, 250, box, [(name, "bold"), (code, "code")], kind="ours")
        earned = f"{say['level']} {share.level}: {share.percentage} % = {dollars(share.usd_cents)}"
        picture.box(400, y, 304, box, [(earned, "")], kind="paid")
        picture.arrow((306, y + box / 2), (396, y + box / 2))
        if share.level < len(chain):
            picture.arrow((181, y), (181, y - step + box + 4))
            picture.text(193, y - 8, say["upline"], style="soft")
    name, code = LINEAGE[len(PERCENTAGES)]
    low = bottom + box + 44
    payment = [(f"{say['customer']} {dollars(SALE)}", "bold"), (f"{say['through']} {chain[0][1]}", "")]
    picture.box(24, low, 314, 64, payment, kind="theirs")
    picture.arrow((181, low), (181, bottom + box + 4))
    picture.box(400, low, 304, 64, [(f"{say['downline']}: {code}", ""), (say["nothing"], "soft")])
    total = dollars(sum(share.usd_cents for share in shared))
    picture.text(552, bottom + box + 26, f"{say['total']}: {total}", style="bold", anchor="middle")
    return picture


def architecture(language: str) -> Picture:
    """The parts of the SDK, from the application down to the wire, and what stands beside them."""
    say = {
        "en": {
            "title": "The architecture of the SDK",
            "description": "Your application calls havn, which is havn_ext: resources, rules as pure functions, "
            "and the exchange that signs, sends and retries. Below are the generated models and httpx, which "
            "speaks to HAVN or to the sandbox. The outbox, the limits and the test helpers stand upon them.",
            "app": "Your application",
            "clients": "two clients, one definition of each call",
            "resources": "what you call, what you get, every error",
            "rules": "pure rules: signing, money, vouchers, retries",
            "exchange": "one call: sign, send, retry, read the answer",
            "models": "models of openapi.yaml",
            "http": "connections",
            "outbox": "a promise in your database",
            "limits": "one rate limit for a fleet",
            "testing": "your tests over the sandbox",
            "cli": "the command line",
            "havn": "the service",
            "sandbox": "on your own machine",
        },
        "id": {
            "title": "Arsitektur SDK",
            "description": "Aplikasi Anda memanggil havn, yaitu havn_ext: resource, aturan berupa fungsi murni, "
            "dan pertukaran yang menandatangani, mengirim, dan mencoba lagi. Di bawahnya ada model hasil generate "
            "dan httpx, yang berbicara dengan HAVN atau sandbox. Outbox, limits, dan alat uji berdiri di atasnya.",
            "app": "Aplikasi Anda",
            "clients": "dua client, satu definisi tiap panggilan",
            "resources": "yang dipanggil, hasilnya, semua error",
            "rules": "aturan: signature, uang, voucher, retry",
            "exchange": "satu panggilan: kirim, retry, baca respons",
            "models": "model dari openapi.yaml",
            "http": "koneksi",
            "outbox": "janji di database Anda",
            "limits": "satu batas semua worker",
            "testing": "tes Anda dengan sandbox",
            "cli": "baris perintah",
            "havn": "layanannya",
            "sandbox": "di komputer Anda",
        },
    }[language]
    picture = Picture(860, 540, say["title"], say["description"])
    picture.box(24, 20, 812, 44, [(say["app"], "bold")], kind="box")
    core, side, wide = 24, 560, 500
    picture.arrow((core + wide / 2, 64), (core + wide / 2, 92))
    picture.arrow((698, 64), (698, 92))
    layers = [
        ("HAVNClient · AsyncHAVNClient", "clients"),
        ("transactions · users · vouchers · auth", "resources"),
        ("signing · currency · vouchers · retry", "rules"),
        ("exchange", "exchange"),
    ]
    picture.box(core, 96, wide, 284, [], kind="ours")
    picture.text(core + 16, 120, "havn = havn_ext", style="bold")
    for number, (names, what) in enumerate(layers):
        y = 130 + number * 61
        picture.box(core + 16, y, wide - 32, 52, [(names, "code"), (say[what], "soft")])
    beside = [
        ("havn_ext.outbox", "outbox"),
        ("havn_ext.limits", "limits"),
        ("havn_ext.testing", "testing"),
        ("havn …", "cli"),
    ]
    for number, (name, what) in enumerate(beside):
        y = 96 + number * 72
        picture.box(side, y, 276, 60, [(name, "code bold"), (say[what], "soft")])
        picture.arrow((side, y + 30), (core + wide + 4, y + 30))
    picture.arrow((core + wide / 4, 380), (core + wide / 4, 408))
    picture.arrow((core + wide * 3 / 4, 380), (core + wide * 3 / 4, 408))
    picture.box(core, 412, wide / 2 - 8, 48, [("havn_api", "code"), (say["models"], "soft")])
    picture.box(core + wide / 2 + 8, 412, wide / 2 - 8, 48, [("httpx", "code"), (say["http"], "soft")])
    picture.box(side, 404, 276, 52, [("HAVN", "bold"), (say["havn"], "soft")], kind="theirs")
    picture.box(side, 468, 276, 52, [("havn sandbox", "code bold"), (say["sandbox"], "soft")], kind="theirs")
    picture.arrow((core + wide, 430), (side - 4, 430))
    picture.arrow((core + wide * 3 / 4, 460), (core + wide * 3 / 4, 494), (side - 4, 494))
    return picture


SCENES: Final = {"flow": flow, "referral-tree": referral_tree, "architecture": architecture}


def files() -> dict[str, str]:
    """Each picture of docs/images by its file's name."""
    return {
        f"{name}{'' if language == 'en' else f'-{language}'}.svg": scene(language).svg()
        for name, scene in SCENES.items()
        for language in LANGUAGES
    }
