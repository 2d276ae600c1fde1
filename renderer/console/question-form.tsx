import { type FormEvent, useState } from 'react';
import type { Prediction } from '../../preload/contract.ts';
import { useText } from '../i18n/text.ts';

interface QuestionFormProps {
  readonly prediction: Prediction;
  /** Undefined passes the question by. */
  readonly onAnswer: (answer: string | undefined) => void;
}

/** Asks what will happen before it does; the run stands still meanwhile. */
export function QuestionForm({ prediction, onAnswer }: QuestionFormProps) {
  const t = useText();
  const [typed, setTyped] = useState('');
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (typed.trim() !== '') onAnswer(typed.trim());
  };
  return (
    <form className="question" aria-label={t('question.title')} onSubmit={submit}>
      <p>
        <strong>{t('question.title')}</strong> {prediction.question}
      </p>
      <div className="question-answers">
        {prediction.choices.map((choice) => (
          <button type="button" className="button button-small" key={choice} onClick={() => onAnswer(choice)}>
            {choice}
          </button>
        ))}
        {prediction.choices.length === 0 && (
          <>
            <input aria-label={t('question.answer')} value={typed} onChange={(event) => setTyped(event.target.value)} />
            <button type="submit" className="button button-primary button-small" disabled={typed.trim() === ''}>
              {t('question.answer')}
            </button>
          </>
        )}
        <button type="button" className="button button-quiet button-small" onClick={() => onAnswer(undefined)}>
          {t('question.skip')}
        </button>
      </div>
    </form>
  );
}
