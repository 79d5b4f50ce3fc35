"""What papers and short notices give: by what they are about, not by every word in them."""

import pytest

from tests.support.labelled import gives


@pytest.mark.parametrize(
    ("title", "body", "code"),
    [
        (
            "税务局关于优化税收服务的通知",
            "对生产防疫物资的企业优先办理出口退税，出口企业即可申报办理出口退（免）税。",
            "trade",
        ),
        ("税务局关于开展便民办税春风行动的意见", "开展便民服务，为稳就业提供参考。", "employment"),
        (
            "关于开展养老保险待遇领取资格认证的通告",
            "按月领取基本养老保险待遇的参保人每年认证一次。",
            "insurance",
        ),
        (
            "关于贷款利息专项附加扣除的问答",
            "一、商转公之后可以享受住房贷款利息专项附加扣除。二、仍可享受住房贷款利息专项附加扣除。",
            "credit",
        ),
        (
            "城市营商环境促进条例",
            "第一条 国家鼓励服务机构为企业提供创业培训。\n第二条 国家推动保险机构开展信用保险业务。",
            "insurance",
        ),
        ("城市营商环境促进条例", "第一条 国家鼓励服务机构为企业提供创业培训。", "employment"),
        (
            "关于促进房地产市场平稳健康发展的若干措施",
            "一、引进的高层次人才购房给予补贴，博士研究生10万元，硕士研究生5万元。",
            "talent",
        ),
    ],
)
def test_what_a_paper_is_about_decides_what_its_words_give(title: str, body: str, code: str) -> None:
    assert code not in gives(body, title)


def test_a_list_of_those_named_and_a_centre_to_be_built_by_applicants_are_titles() -> None:
    assert "accreditation" in gives("现予以公布。", "关于公布中小企业技术中心名单的通知")
    title = "关于开展数字化转型促进中心建设工作的通知"
    assert "accreditation" in gives("请各申报主体积极申报。", title)
    assert "accreditation" not in gives("请各单位抓好落实。", title)


@pytest.mark.parametrize(
    ("title", "body", "code"),
    [
        ("关于举办公积金业务培训班的通知", "培训内容为公积金提取政策和贷款风险防控。", "housing"),
        ("关于推荐普惠金融优秀案例的通知", "征集无还本续贷、首贷拓展方面的创新做法。", "credit"),
        ("关于表彰就业工作先进集体的决定", "授予60个公共就业服务中心先进集体称号。", "employment"),
        ("关于人才发展专项资金绩效评价结果的公示", "绩效评价得分89.5分，等级为良。", "talent"),
        ("关于融资担保公司设立审批结果的公告", "同意设立，业务范围为融资担保。", "guarantee"),
        ("关于开展技术中心认定工作的通知", "申报材料：享受加计扣除的证明材料。", "tax"),
        ("关于申报文艺精品扶持项目的通知", "申报主体为文艺院团。", "accreditation"),
        ("关于中药制剂备案的公告", "医疗机构的28个制剂已完成备案。", "accreditation"),
        ("关于发布主导品种的通知", "各地要结合农技推广建设补助项目加快推广。", "subsidy"),
        ("关于申报专利转化项目的通知", "知识产权质押融资贴息按利息的50%补贴。", "credit"),
        ("关于失信企业名单的公告", "现将失信企业名单予以公布。", "accreditation"),
        ("关于注销机构资质认定证书的公告", "下列机构的证书依法注销。", "accreditation"),
        ("关于拟录用人员名单的公示", "现将名单予以公示。", "accreditation"),
        ("关于以补贴为名实施诈骗的提示", "不法分子以发放创业补贴、社保补贴为由骗取信息。", "subsidy"),
        ("关于做好冬小麦田间管理的通知", "做好农业保险查勘理赔，组织科技特派员下沉指导。", "talent"),
        ("关于做好冬小麦田间管理的通知", "做好农业保险查勘理赔，组织科技特派员下沉指导。", "insurance"),
        ("关于发放求职补贴的通知", "对获得国家助学贷款的毕业生每人补贴1500元。", "credit"),
        ("关于奖励资金审计的公告", "请企业准备资金拨付凭证。", "award"),
        ("关于开展政府采购领域专项整治的通知", "落实面向中小企业预留份额的规定，开展自查。", "procurement"),
        ("关于印发绿色金融评价办法的通知", "评价指标包括绿色信贷余额和贷款增速。", "credit"),
        (
            "关于安全生产责任保险的通知",
            "单位应当投保责任保险，机构从保费中提取费用，未投保的责令改正。",
            "insurance",
        ),
        ("关于标准化建设的通知", "各企业应开展从业人员岗前培训。", "employment"),
        ("关于受理医保定点申请的公告", "药店可提出医保定点申请。", "insurance"),
        ("市科技服务中心关于组织申报研发项目的通知", "请按要求报送材料。", "accreditation"),
        ("市知识产权保护中心关于推荐专家的通知", "请按要求报送材料。", "ip"),
        ("关于推荐专精特新企业参加展示活动的通知", "请按要求报送材料。", "accreditation"),
        ("关于试点项目中期评估的通知", "请按要求报送材料。", "pilot"),
        ("关于清洁生产审核企业名单的公布", "列入名单的企业应开展审核，逾期的依法处罚。", "accreditation"),
        ("关于矿山安全的通知", "各企业必须投保安全生产责任保险，保费由企业承担。", "insurance"),
        ("关于重点群体创业就业税收扣减的辅导", "从事个体经营的，按限额扣减增值税。", "employment"),
        ("关于举办绿色制造政策宣贯活动的通知", "专家解读绿色信贷、节能补贴政策。", "subsidy"),
        ("关于医师多机构备案操作说明", "登录系统选择多机构备案。", "accreditation"),
        ("关于商品归类程序的解读", "程序有助于推进贸易便利化，方便企业查询。", "trade"),
    ],
)
def test_a_short_notice_that_teaches_praises_counts_or_lists_papers_gives_nothing(
    title: str, body: str, code: str
) -> None:
    assert code not in gives(body, title)


@pytest.mark.parametrize(
    ("title", "body", "code"),
    [
        ("关于农村客运补贴资金分配的公示", "现将分配明细予以公示。", "subsidy"),
        ("关于冬春救助资金分配的公示", "共救助8120人，发放资金162.4万元。", "subsidy"),
        ("关于申报文艺项目的通知", "大型剧目每部扶持100万元。", "subsidy"),
        ("关于参加境外展会的通知", "符合条件的可按规定申请补助。", "subsidy"),
        ("关于公交线路调整的通告", "70周岁以上老年人凭证免费乘坐公交车。", "fee"),
        ("关于景区开放的公告", "10月1日起凭证免首道门票。", "fee"),
        ("关于公布和谐企业名单的决定", "请各企业发挥表率作用。", "accreditation"),
        ("关于命名先进企业的决定", "决定授予某电力公司“和谐企业”称号。", "accreditation"),
        ("关于开展社会组织等级评估的通知", "登记满两年的社会组织均可申报。", "accreditation"),
        ("关于征集典型应用场景的通知", "申报主体为本省企业。", "accreditation"),
        ("关于服务型制造示范名单的公示", "拟确定36家企业，现予公示。", "accreditation"),
        ("关于征集科技创新平台的通知", "申报单位应有固定场所。", "accreditation"),
        ("关于申报科技特派员的通知", "面向高校选派，请积极申报。", "talent"),
        ("关于公布城乡低保标准的通知", "农村低保提高到每人每年8200元。", "subsidy"),
        ("关于申报自然科学基金项目的通知", "资助青年人员开展研究。", "subsidy"),
        ("关于调整天然气价格的通知", "非居民用气销售价格下调至3.62元。", "fee"),
        ("关于民宿等级评定的通知", "评上甲级的，由市财政奖励10万元。", "award"),
        ("关于户厕改造验收的通知", "验收合格后按每户2000元拨付奖补资金。", "award"),
        ("关于申报残疾人创业扶持项目的通知", "可申请一次性扶持资金8000元。", "subsidy"),
        ("关于公布首批人力资源服务产业园的通知", "经评估，现予公布。", "accreditation"),
        ("关于发展专项资金拟安排项目的公示", "现予公示。", "subsidy"),
        ("关于发放吸纳就业补贴企业名单的公示", "现予公示。", "subsidy"),
        ("关于推荐食品安全示范超市的通知", "每县推荐2家。", "accreditation"),
        ("关于地理标志保护示范区筹建的通知", "请推荐保护机制健全的地区。", "pilot"),
        ("关于特殊家庭扶助金发放的公示", "现予公示。", "subsidy"),
        ("关于开发企业资质核定的公示", "现予公示。", "accreditation"),
        ("关于举办招聘月活动的通知", "举办线下招聘会12场。", "employment"),
    ],
)
def test_a_short_notice_gives_what_its_title_or_one_clause_says(title: str, body: str, code: str) -> None:
    assert code in gives(body, title)


@pytest.mark.parametrize(
    ("passing", "given", "code"),
    [
        ("申报单位应熟悉公共就业服务政策。", "各地要开展公共就业服务。", "employment"),
        ("参会人员包括外贸企业代表。", "对外贸企业给予展位支持。", "trade"),
        ("申报人曾入选省级人才计划。", "支持企业实施人才计划。", "talent"),
        ("评审专家来自知识产权服务机构。", "免费提供知识产权服务。", "ip"),
        ("请报送绿色信贷数据。", "各银行要加大首贷投放。", "credit"),
        ("近年来不断加大财政补助、税收优惠力度。", "对完工的项目给予财政补助。", "subsidy"),
        ("申报园区应有风险补偿机制。", "建立风险补偿机制。", "guarantee"),
    ],
)
def test_the_mere_name_of_a_help_is_none_until_somebody_gives_it(passing: str, given: str, code: str) -> None:
    assert code not in gives(f"现将有关事项通知如下。\n一、{passing}")
    assert code in gives(f"现将有关事项通知如下。\n一、{given}")
