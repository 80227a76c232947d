from typing import Literal

TestModeFlag = Literal["false", "true"]

TEST_MODE_FLAG_VALUES: set[TestModeFlag] = {
    "false",
    "true",
}


def check_test_mode_flag(value: str) -> TestModeFlag:
    if value in TEST_MODE_FLAG_VALUES:
        return value
    raise TypeError(f"Unexpected value {value!r}. Expected one of {TEST_MODE_FLAG_VALUES!r}")
