"""A text to be labelled on the command line, and an office's rule that speaks for one of its words."""

TEXT = """滨江市促进软件产业发展若干措施
滨经信〔2026〕12号
一、对软件企业给予一次性奖励50万元。
二、高新技术企业可于2026年4月30日前申报。
本措施自2026年3月1日起施行，有效期三年。
"""
RULE = 'version = "1"\n[[rule]]\ncodes = ["srdi"]\nterms = ["软件企业"]\nweight = 5\n'
